/**
 * Models across threads. Functions cannot be sent to another thread, so only the models that the library has itself can: by name
 * and initial value. With a model of one's own every part is decided on the calling thread.
 */
import type { Call, Json } from '../history/operation.ts';
import { ModelError, type Model } from '../model/model.ts';
import { modelNamed, modelNames, referenceOf, type ModelReference } from '../model/named.ts';

/** A model and, where it can be sent, how. */
export interface Referenced {
  readonly model: Model<unknown, Call, Json>;
  readonly reference: ModelReference | undefined;
}

/** @throws ModelError for a name that no model has, or an initial value that it cannot have */
export function referenced(given: ModelReference | Model<unknown, Call, Json>): Referenced {
  return 'step' in given
    ? { model: given, reference: referenceOf(given) }
    : { model: modelOf(given), reference: given };
}

/** The model of a reference. @throws ModelError for a name that no model has, or an initial value that it cannot have */
export function modelOf({ name, ...options }: ModelReference): Model<unknown, Call, Json> {
  const model = modelNamed(name, options);
  if (model === undefined) throw new ModelError(`no model is called ${name}: there are ${modelNames.join(', ')}`);
  return model as Model<unknown, Call, Json>;
}
