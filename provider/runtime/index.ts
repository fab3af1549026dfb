/**
 * What the provider texts in users' states require: `setup`, `records` and `verification` are public API for
 * ever, and so is this path.
 */
import { dynamicProvider } from "./dynamic-provider.js";
import { recordsHandler } from "./records.js";
import { setupHandler } from "./setup.js";
import { verificationHandler } from "./verification.js";

export const setup = dynamicProvider(setupHandler);
export const records = dynamicProvider(recordsHandler);
export const verification = dynamicProvider(verificationHandler);
