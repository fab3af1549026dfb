/**
 * What the provider texts in users' states require: `setup`, `records` and `verification` are public API for
 * ever, and so is this path.
 */

import { noted } from "../core/noted.js";
import { recordsHandler } from "../core/records/handler.js";
import { setupHandler } from "../core/setup/handler.js";
import { verificationHandler } from "../core/verification/handler.js";
import { dynamicProvider } from "./dynamic-provider.js";

export const setup = dynamicProvider(noted(setupHandler));
export const records = dynamicProvider(noted(recordsHandler));
export const verification = dynamicProvider(noted(verificationHandler));
