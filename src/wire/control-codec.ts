/** The control protocol as bytes: one JSON document a frame, checked field by field on arrival. */
import type { ControlRequest, ControlResponse, Disturbance, LinkCounters } from './control-protocol.ts';
import { decodeDocument, encodeDocument, type Fields } from './json-document.ts';

const ROLES = ['follower', 'pre-candidate', 'candidate', 'leader'] as const;

export function encodeControlRequest(request: ControlRequest): Uint8Array {
  return encodeDocument(request);
}

/** Throws WireError on a malformed request. */
export function decodeControlRequest(payload: Uint8Array): ControlRequest {
  return decodeDocument(payload, readRequest);
}

export function encodeControlResponse(response: ControlResponse): Uint8Array {
  return encodeDocument(response);
}

/** Throws WireError on a malformed response. */
export function decodeControlResponse(payload: Uint8Array): ControlResponse {
  return decodeDocument(payload, readResponse);
}

function readRequest(fields: Fields): ControlRequest {
  const kind = fields.oneOf('kind', ['links', 'status', 'disk', 'clock']);
  const id = fields.integer('id');
  switch (kind) {
    case 'links':
      return {
        kind,
        id,
        cutOut: fields.texts('cutOut'),
        cutIn: fields.texts('cutIn'),
        disturbed: fields.record('disturbed', readDisturbance),
      };
    case 'status':
      return { kind, id };
    case 'disk':
      return { kind, id, syncDelayMs: fields.integer('syncDelayMs'), full: fields.flag('full') };
    case 'clock':
      return { kind, id, rate: fields.positive('rate'), jumpMs: fields.integer('jumpMs') };
  }
}

function readResponse(fields: Fields): ControlResponse {
  const kind = fields.oneOf('kind', ['linksSet', 'done', 'status', 'role']);
  switch (kind) {
    case 'linksSet':
    case 'done':
      return { kind, id: fields.integer('id') };
    case 'status':
      return {
        kind,
        id: fields.integer('id'),
        role: fields.text('role'),
        term: fields.integer('term'),
        leader: fields.textOrNull('leader'),
        commitIndex: fields.integer('commitIndex'),
        lastIndex: fields.integer('lastIndex'),
        links: fields.record('links', readCounters),
        syncs: fields.integer('syncs'),
        delayedSyncs: fields.integer('delayedSyncs'),
        clockNs: fields.integer('clockNs'),
        hostNs: fields.integer('hostNs'),
        members: fields.object('members', (members) => ({
          voters: members.texts('voters'),
          outgoing: members.texts('outgoing'),
          learners: members.texts('learners'),
        })),
        attestedThrough: fields.integer('attestedThrough'),
      };
    case 'role':
      return {
        kind,
        time: fields.integer('time'),
        node: fields.text('node'),
        role: fields.oneOf('role', ROLES),
        term: fields.integer('term'),
        leader: fields.textOrNull('leader'),
      };
  }
}

function readCounters(fields: Fields): LinkCounters {
  return {
    sent: fields.integer('sent'),
    received: fields.integer('received'),
    droppedOut: fields.integer('droppedOut'),
    droppedIn: fields.integer('droppedIn'),
    delayed: fields.integer('delayed'),
    duplicated: fields.integer('duplicated'),
    resets: fields.integer('resets'),
  };
}

function readDisturbance(fields: Fields): Disturbance {
  return {
    delayMs: fields.integer('delayMs'),
    duplicate: fields.flag('duplicate'),
    resetEveryMs: fields.integer('resetEveryMs'),
  };
}
