import { ExpectedError } from '../domain/model/errors.ts';
import type { VendorSource } from '../domain/ports/vendor.ts';
import type { VendorContext } from '../domain/ports/vendor-context.ts';
import type { SourceSettings } from './load.ts';

/** Makes a source of its settings. Makes a message for the operator of what a plug-in throws; from a vendor of this server it is a bug. */
export const createSource = ({ module, settings, plugin }: SourceSettings, context: VendorContext): VendorSource => {
  try {
    return module.create(settings, context);
  } catch (error) {
    if (plugin === undefined) throw error;
    const thrown = error instanceof Error ? error.message : String(error);
    const message = `Source ${settings.name} cannot be made: its vendor "${module.type}", from the plug-in "${plugin}", threw: ${thrown.split('\n')[0]}`;
    throw new ExpectedError('INVALID_INPUT', message, { cause: error });
  }
};
