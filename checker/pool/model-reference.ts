/**
 * Models across threads. Functions cannot be sent to another thread, so only the models that the library has itself can: by name
 * and initial value. With a model of one's own every part is decided on the calling thread.
 */
import type { Call, Json } from '../history/operation.ts';
import { modelNamed, modelNames, models } from '../model/named.ts';
import { casRegister, register } from '../model/registers.ts';
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

/** @throws ModelError for a name that no model has, or an initial value that it cannot have */
export function referenced(given: ModelReference | Model<unknown, Call, Json>): Referenced {
  if (!('step' in given)) return { model: modelOf(given), reference: given };
  // By identity: a model of one's own may have any name.
  return { model: given, reference: KNOWN.get(given) };
}

const KNOWN: ReadonlyMap<unknown, ModelReference> = new Map(
  [...models.values(), register, casRegister].map((model) => [model, { name: model.name }]),
);

/** The model of a reference. @throws ModelError for a name that no model has, or an initial value that it cannot have */
export function modelOf({ name, initial }: ModelReference): Model<unknown, Call, Json> {
  const model = modelNamed(name, initial === undefined ? {} : { initial });
  if (model === undefined) throw new ModelError(`no model is called ${name}: there are ${modelNames.join(', ')}`);
  return model as Model<unknown, Call, Json>;
}
