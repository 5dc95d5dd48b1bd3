/** The client protocol as bytes: one JSON document a frame, checked field by field on arrival. */
import { OPERATIONS, READ_MODES, REFUSALS, type Operation, type Request, type Response } from './client-protocol.ts';
import { readCommonRequest, readCommonResponse, writeCommonRequest, writeCommonResponse } from './common-documents.ts';
import { decodeDocument, encodeDocument, type Fields } from './json-document.ts';

const REQUESTS = [
  'openSession',
  'closeSession',
  'command',
  'read',
  'changeMembers',
  'transferLeadership',
] as const satisfies readonly Request['kind'][];
const RESPONSES = ['sessionOpened', 'result', 'refused', 'unknown'] as const satisfies readonly Response['kind'][];
export function encodeRequest(request: Request): Uint8Array {
  return writeCommonRequest(request) ?? encodeDocument(request);
}

/** Throws WireError on a malformed request. */
export function decodeRequest(payload: Uint8Array): Request {
  return readCommonRequest(payload) ?? decodeDocument(payload, readRequest);
}

export function encodeResponse(response: Response): Uint8Array {
  return writeCommonResponse(response) ?? encodeDocument(response);
}

/** Throws WireError on a malformed response. */
export function decodeResponse(payload: Uint8Array): Response {
  return readCommonResponse(payload) ?? decodeDocument(payload, readResponse);
}

function readRequest(fields: Fields): Request {
  const kind = fields.oneOf('kind', REQUESTS);
  const attempt = fields.integer('attempt');
  switch (kind) {
    case 'openSession':
      return { kind, attempt };
    case 'closeSession':
      return { kind, attempt, session: fields.integer('session', 1) };
    case 'command': {
      const session = fields.integer('session', 1);
      const sequence = fields.integer('sequence', 1);
      return { kind, attempt, session, sequence, operation: fields.object('operation', readOperation) };
    }
    case 'read':
      return { kind, attempt, mode: fields.oneOf('mode', READ_MODES), key: fields.text('key') };
    case 'transferLeadership':
      return { kind, attempt, target: fields.text('target') };
    case 'changeMembers': {
      const [voters, learners] = [fields.texts('voters'), fields.texts('learners')];
      return { kind, attempt, voters, learners, addresses: fields.textRecord('addresses') };
    }
  }
}

function readOperation(fields: Fields): Operation {
  const f = fields.oneOf('f', OPERATIONS);
  const key = fields.text('key');
  switch (f) {
    case 'read':
    case 'shift':
      return { f, key };
    case 'write':
    case 'push':
    case 'insert':
    case 'remove':
      return { f, key, value: fields.json('value') };
    case 'cas':
      return { f, key, from: fields.json('from'), to: fields.json('to') };
    case 'concat':
      return { f, key, text: fields.text('text') };
    case 'increment':
      return { f, key, by: fields.wholeNumber('by') };
    case 'acquire':
    case 'release':
      return { f, key, owner: fields.json('owner') };
  }
}

function readResponse(fields: Fields): Response {
  const kind = fields.oneOf('kind', RESPONSES);
  const attempt = fields.integer('attempt');
  switch (kind) {
    case 'sessionOpened':
      return { kind, attempt, session: fields.integer('session', 1) };
    case 'result':
      return {
        kind,
        attempt,
        output: fields.json('output'),
        node: fields.text('node'),
        term: fields.integer('term'),
        applied: fields.integer('applied'),
      };
    case 'refused': {
      const reason = fields.oneOf('reason', REFUSALS);
      return { kind, attempt, reason, leader: fields.textOrNull('leader'), node: fields.text('node') };
    }
    case 'unknown': {
      const reason = fields.text('reason');
      return { kind, attempt, reason, leader: fields.textOrNull('leader'), node: fields.text('node') };
    }
  }
}
