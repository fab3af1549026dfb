import { afterAll, afterEach, beforeAll } from "vitest";
import {
	channelsOperation,
	type Sandbox,
	type SandboxOptions,
	startProxy,
	startSandbox,
} from "../../sandbox/index.js";
import { createProject, type Project, type ProjectOptions } from "./project.js";
import { startTestService, type TestService, type TestServiceOptions } from "./service.js";

export interface StageOptions {
	sandbox?: SandboxOptions;
	service?: Omit<TestServiceOptions, "sandbox">;
}

interface StageProjectOptions extends ProjectOptions {
	/** Which Channels API the stack asks: the stage's, or the one in the provider. Default: the stage's. */
	api?: "remote" | "embedded";
}

/** Sandbox, the real Channels API behind a logging proxy, and projects of the real CLI on them. */
export interface Stage extends AsyncDisposable {
	readonly sandbox: Sandbox;
	readonly service: TestService;
	/** Where programs reach the Channels API: every request is in `sandbox.log` as service `channels`. */
	readonly baseUrl: string;
	project(options?: StageProjectOptions): Promise<Project>;
	/** How often each operation was called, `{ "POST ses-setup": 1, … }`. */
	calls(service: "channels" | "route53"): Record<string, number>;
}

export function callsOf(sandbox: Sandbox, service: string): Record<string, number> {
	const counts: Record<string, number> = {};
	for (const { operation } of sandbox.log.all({ service })) counts[operation] = (counts[operation] ?? 0) + 1;
	return counts;
}

export async function startStage(options: StageOptions = {}): Promise<Stage> {
	await using undo = new AsyncDisposableStack();
	const sandbox = await startSandbox(options.sandbox);
	undo.defer(() => sandbox.close());
	const service = await startTestService({ sandbox, ...options.service });
	undo.defer(() => service.stop());
	const proxy = await startProxy({
		target: service.url,
		service: "channels",
		operation: channelsOperation,
		log: sandbox.log,
		faults: sandbox.faults,
	});
	undo.defer(() => proxy.close());
	const stack = undo.move();
	return {
		sandbox,
		service,
		baseUrl: proxy.url,
		async project({ api = "remote", ...project } = {}) {
			const ofService = {
				config: { "channels:workspaceId": service.workspaceId, "channels:baseUrl": proxy.url },
				secretConfig: { "channels:apiKey": service.apiKey },
			};
			const ofApi = api === "remote" ? ofService : { config: { "channels:api": "embedded" } };
			const made = await createProject({
				...project,
				config: { ...ofApi.config, ...project.config },
				secretConfig: { ...(api === "remote" && ofService.secretConfig), ...project.secretConfig },
				env: { ...sandbox.env(), ...project.env },
			});
			stack.defer(() => made.dispose());
			return made;
		},
		calls: (service) => callsOf(sandbox, service),
		[Symbol.asyncDispose]: () => stack.disposeAsync(),
	};
}

/**
 * One stage for all tests of a file, or of a `describe`: started before them, without faults after each, and closed
 * after the last.
 */
export function useStage(options: StageOptions = {}): Stage {
	let started: Stage | undefined;
	const stage = () => {
		if (!started) throw new Error("the stage is there from the first `beforeAll` after `useStage` on");
		return started;
	};
	beforeAll(async () => {
		started = await startStage(options);
	});
	afterEach(() => started?.sandbox.faults.clear());
	afterAll(() => started?.[Symbol.asyncDispose]());
	return {
		get sandbox() {
			return stage().sandbox;
		},
		get service() {
			return stage().service;
		},
		get baseUrl() {
			return stage().baseUrl;
		},
		project: (options) => stage().project(options),
		calls: (service) => stage().calls(service),
		[Symbol.asyncDispose]: () => stage()[Symbol.asyncDispose](),
	};
}
