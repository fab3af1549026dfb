/**
 * What the provider texts in users' states require: `setup`, `records` and `verification` are public API for
 * ever, and so is this path.
 */

import { recordsHandler } from "../core/records/handler.js";
import { claiming } from "../core/run/claiming.js";
import { setupHandler } from "../core/setup/handler.js";
import { verificationHandler } from "../core/verification/handler.js";
import { dynamicProvider } from "./dynamic-provider.js";

export const setup = dynamicProvider(claiming(setupHandler));
export const records = dynamicProvider(claiming(recordsHandler));
export const verification = dynamicProvider(claiming(verificationHandler));

/** For functions of a program, which load this when they are called. */
export { reading } from "../core/reading.js";
