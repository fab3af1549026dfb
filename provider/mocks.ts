import * as pulumi from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks.js";

/**
 * Whether the program runs in a unit test: `pulumi.runtime.setMocks` puts a monitor of this class in the place of
 * the engine's (`setMockOptions` in runtime/settings.ts of @pulumi/pulumi).
 */
export const underMocks = (): boolean => (pulumi.runtime.getMonitor() as unknown) instanceof MockMonitor;
