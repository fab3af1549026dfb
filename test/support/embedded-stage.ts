import { afterAll, afterEach, beforeAll } from "vitest";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../sandbox/index.js";
import { createProject, type Project, type ProjectOptions } from "./project.js";
import { callsOf } from "./stage.js";

/** The sandbox, and projects of the real CLI that have the Channels API in their provider: there is no service. */
export interface EmbeddedStage extends AsyncDisposable {
	readonly sandbox: Sandbox;
	project(options?: ProjectOptions): Promise<Project>;
	/** How often each operation was called, `{ CreateTenant: 1, … }`. */
	calls(service: "sesv2" | "route53" | "sts"): Record<string, number>;
}

async function startEmbeddedStage(options: SandboxOptions = {}): Promise<EmbeddedStage> {
	const sandbox = await startSandbox(options);
	const stack = new AsyncDisposableStack();
	stack.defer(() => sandbox.close());
	return {
		sandbox,
		async project(project = {}) {
			const made = await createProject({
				...project,
				config: { "channels:api": "embedded", "aws:region": "us-east-1", ...project.config },
				env: { ...sandbox.env(), ...project.env },
			});
			stack.defer(() => made.dispose());
			return made;
		},
		calls: (service) => callsOf(sandbox, service),
		[Symbol.asyncDispose]: () => stack.disposeAsync(),
	};
}

/** One for all tests of a file, or of a `describe`, as `useStage`. */
export function useEmbeddedStage(options: SandboxOptions = {}): EmbeddedStage {
	let started: EmbeddedStage | undefined;
	const stage = () => {
		if (!started)
			throw new Error("the stage is there from the first `beforeAll` after `useEmbeddedStage` on");
		return started;
	};
	beforeAll(async () => {
		started = await startEmbeddedStage(options);
	});
	afterEach(() => started?.sandbox.faults.clear());
	afterAll(() => started?.[Symbol.asyncDispose]());
	return {
		get sandbox() {
			return stage().sandbox;
		},
		project: (options) => stage().project(options),
		calls: (service) => stage().calls(service),
		[Symbol.asyncDispose]: () => stage()[Symbol.asyncDispose](),
	};
}
