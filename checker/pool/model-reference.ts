/**
 * Models across threads. Functions cannot be sent to another thread, so only the models that the library has itself can: by name
 * and initial value. With a model of one's own every part is decided on the calling thread.
 */
import type { Call, Json } from '../history/operation.ts';
import { models } from '../model/guess.ts';
import { ModelError, type Model } from '../model/model.ts';

/** A model of the library, by name. */
export interface ModelReference {
  readonly name: string;
  /** What an object holds before the first operation, where it is not what the model has by itself. */
  readonly initial?: Json;
}

/** A model and, where it can be sent, how. */
export interface Referenced {
  readonly model: Model<unknown, Call, Json>;
  readonly reference: ModelReference | undefined;
}

/** @throws ModelError for a name that no model has */
export function referenced(given: ModelReference | Model<unknown, Call, Json>): Referenced {
  if (!('step' in given)) return { model: modelOf(given), reference: given };
  // By identity: a model of one's own may have any name.
  const isOwn = models.get(given.name) !== given;
  return { model: given, reference: isOwn ? undefined : { name: given.name } };
}

/** The model of a reference. @throws ModelError for a name that no model has */
export function modelOf({ name }: ModelReference): Model<unknown, Call, Json> {
  const model = models.get(name);
  if (model === undefined)
    throw new ModelError(`no model is called ${name}: there are ${[...models.keys()].join(', ')}`);
  return model as Model<unknown, Call, Json>;
}
