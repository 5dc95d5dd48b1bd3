#!/usr/bin/env node
/**
 * Raft (Ongaro & Ousterhout 2014, figure 2) in plain JavaScript, over nothing but Maelstrom's protocol, kept in memory: it outlives pauses
 * and partitions, not kills. Reads are entries of the log. With --unchecked-reads whoever believes to lead answers them from
 * what it has applied: as long as nobody is cut off, that is never wrong.
 */
import { createInterface } from 'node:readline';

const HEARTBEAT_MS = 50;
const ELECTION_MS = [400, 800];
const uncheckedReads = process.argv.includes('--unchecked-reads');

let self;
let peers = [];
let term = 0;
let votedFor = null;
let role = 'follower';
let electionTimer;
/** Entries from index 1 on. */
const log = [{ term: 0, request: null }];
let commitIndex = 0;
let lastApplied = 0;
const willing = new Set();
const votes = new Set();
let heardLeaderMs = -Infinity;
const nextIndex = new Map();
const matchIndex = new Map();
/** By index: who asked for the entry, in which term. */
const asked = new Map();
const values = new Map();

const send = (dest, body) => process.stdout.write(`${JSON.stringify({ src: self, dest, body })}\n`);
const lastIndex = () => log.length - 1;
const majority = () => Math.floor((peers.length + 1) / 2) + 1;
const error = (code, text) => ({ type: 'error', code, text });

function perform({ type, key, value, from, to, create_if_not_exists: mayCreate }) {
  if (type === 'read') return values.has(key) ? { type: 'read_ok', value: values.get(key) } : error(20, 'no such key');
  if (type === 'write') return values.set(key, value) && { type: 'write_ok' };
  if (!values.has(key) && !mayCreate) return error(20, 'no such key');
  if (values.has(key) && values.get(key) !== from) return error(22, `it is ${values.get(key)}`);
  return values.set(key, to) && { type: 'cas_ok' };
}

function resetElection() {
  clearTimeout(electionTimer);
  const [least, most] = ELECTION_MS;
  electionTimer = setTimeout(canvass, least + Math.random() * (most - least));
}

/** Would a majority vote for this one? Only then is there a new term (pre-vote, thesis 9.6): who was cut off deposes nobody. */
function canvass() {
  if (role === 'leader') return;
  role = 'follower';
  willing.clear();
  willing.add(self);
  resetElection();
  for (const peer of peers) {
    send(peer, { type: 'canvass', term, last_index: lastIndex(), last_term: log[lastIndex()].term });
  }
  if (peers.length === 0) campaign();
}

function onCanvass(src, { last_index: itsIndex, last_term: itsLastTerm }) {
  const isLed = performance.now() - heardLeaderMs < ELECTION_MS[0];
  send(src, { type: 'canvassed', term, granted: role !== 'leader' && !isLed && isUpToDate(itsIndex, itsLastTerm) });
}

function isUpToDate(itsIndex, itsLastTerm) {
  const ownTerm = log[lastIndex()].term;
  return itsLastTerm > ownTerm || (itsLastTerm === ownTerm && itsIndex >= lastIndex());
}

function campaign() {
  willing.clear();
  role = 'candidate';
  term++;
  votedFor = self;
  votes.clear();
  votes.add(self);
  resetElection();
  for (const peer of peers) {
    send(peer, { type: 'request_vote', term, last_index: lastIndex(), last_term: log[lastIndex()].term });
  }
  lead();
}

/** A later term makes a follower of anybody. */
function follow(newTerm) {
  if (newTerm <= term) return;
  term = newTerm;
  votedFor = null;
  if (role === 'leader') console.error(`${self} does not lead any more, in term ${term}`);
  role = 'follower';
  resetElection();
}

function lead() {
  if (role !== 'candidate' || votes.size < majority()) return;
  role = 'leader';
  clearTimeout(electionTimer);
  console.error(`${self} leads in term ${term}`);
  for (const peer of peers) {
    nextIndex.set(peer, log.length);
    matchIndex.set(peer, 0);
  }
  // An entry of its own term, so that those before it can be committed (5.4.2).
  log.push({ term, request: null });
  replicate();
  commit();
}

function replicate() {
  for (const peer of peers) {
    const prev = nextIndex.get(peer) - 1;
    const entries = log.slice(prev + 1, prev + 101);
    send(peer, { type: 'append', term, prev, prev_term: log[prev].term, entries, commit: commitIndex });
  }
}

function onAppend(src, { term: leaderTerm, prev, prev_term: prevTerm, entries, commit: leaderCommit }) {
  if (leaderTerm < term) return send(src, { type: 'appended', term, ok: false, index: lastIndex() });
  if (role === 'candidate') role = 'follower';
  heardLeaderMs = performance.now();
  resetElection();
  if (log[prev]?.term !== prevTerm) {
    return send(src, { type: 'appended', term, ok: false, index: Math.min(prev - 1, lastIndex()) });
  }
  entries.forEach((entry, i) => {
    const index = prev + 1 + i;
    if (log[index]?.term === entry.term) return;
    log.splice(index);
    log.push(entry);
  });
  const known = prev + entries.length;
  commitIndex = Math.max(commitIndex, Math.min(leaderCommit, known));
  apply();
  return send(src, { type: 'appended', term, ok: true, index: known });
}

function onAppended(src, { term: itsTerm, ok, index }) {
  if (role !== 'leader' || itsTerm !== term) return;
  if (ok) {
    matchIndex.set(src, Math.max(matchIndex.get(src), index));
    nextIndex.set(src, Math.max(nextIndex.get(src), matchIndex.get(src) + 1));
    commit();
  } else {
    nextIndex.set(src, Math.max(1, matchIndex.get(src) + 1, Math.min(nextIndex.get(src) - 1, index + 1)));
  }
}

function commit() {
  const known = [lastIndex(), ...matchIndex.values()].sort((a, b) => b - a);
  const index = known[majority() - 1];
  if (index > commitIndex && log[index].term === term) commitIndex = index;
  apply();
}

function apply() {
  while (lastApplied < commitIndex) {
    const { request, term: entryTerm } = log[++lastApplied];
    const answer = request === null ? null : perform(request);
    const asker = asked.get(lastApplied);
    asked.delete(lastApplied);
    // Another entry may have taken the place of the one that was asked for.
    if (asker?.term === entryTerm) send(asker.src, { ...answer, in_reply_to: request.msg_id });
  }
}

function onRequestVote(src, { term: itsTerm, last_index: itsIndex, last_term: itsLastTerm }) {
  const granted = itsTerm === term && isUpToDate(itsIndex, itsLastTerm) && (votedFor === null || votedFor === src);
  if (granted) {
    votedFor = src;
    resetElection();
  }
  send(src, { type: 'vote', term, granted });
}

let isDue = false;

function onRequest(src, request) {
  if (role !== 'leader') return send(src, { ...error(11, 'not the leader'), in_reply_to: request.msg_id });
  if (uncheckedReads && request.type === 'read') return send(src, { ...perform(request), in_reply_to: request.msg_id });
  asked.set(log.push({ term, request }) - 1, { src, term });
  if (peers.length === 0) return commit();
  // What comes in one go leaves in one message.
  if (!isDue) setImmediate(() => ((isDue = false), role === 'leader' && replicate()));
  isDue = true;
  return undefined;
}

function onMessage({ src, body }) {
  if (body.type === 'init') {
    self = body.node_id;
    peers = body.node_ids.filter((id) => id !== self);
    send(src, { type: 'init_ok', in_reply_to: body.msg_id });
    resetElection();
    setInterval(() => role === 'leader' && replicate(), HEARTBEAT_MS);
    return;
  }
  if (peers.includes(src)) follow(body.term);
  if (body.type === 'request_vote') onRequestVote(src, body);
  else if (body.type === 'canvass') onCanvass(src, body);
  else if (body.type === 'canvassed') {
    if (body.granted && role === 'follower') willing.add(src);
    if (willing.size >= majority() && role === 'follower') campaign();
  } else if (body.type === 'append') onAppend(src, body);
  else if (body.type === 'appended') onAppended(src, body);
  else if (body.type === 'vote' && body.granted && body.term === term && role === 'candidate') {
    votes.add(src);
    lead();
  } else if (body.type !== 'vote') onRequest(src, body);
}

createInterface({ input: process.stdin }).on('line', (line) => onMessage(JSON.parse(line)));
