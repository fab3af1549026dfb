/**
 * Pulumi's dynamic-provider contract, the process's half of it: the only file here that knows how the
 * launcher calls a provider, and what it does with results and errors.
 */
import { UnauthorizedError } from "../../sdk/errors.js";
import { argumentProblems } from "../arguments/checks.js";
import { unknownValue } from "../arguments/unknown.js";
import { IncompleteError, lines, UserError } from "../core/errors.js";
import type { Handler } from "../core/handler.js";
import { readSettings, type SettingsProblem, secretsOf } from "../core/settings/settings.js";
import type { World } from "../core/world.js";
import { claims, nodeProblem, operations, startedByEngine } from "./surroundings.js";

type Properties = Record<string, unknown>;

/** What the launcher calls (`cmd/dynamic-provider` of @pulumi/pulumi). */
export interface DynamicProvider {
	configure(request: { config: { get(key: string): string | undefined } }): void;
	check(
		olds: Properties,
		news: Properties,
	): { inputs: Properties; failures: { property: string; reason: string }[] };
	diff(id: string, olds: Properties, news: Properties): Promise<{ changes: boolean; replaces?: string[] }>;
	create(inputs: Properties): Promise<{ id: string; outs: Properties }>;
	update(id: string, olds: Properties, news: Properties): Promise<{ outs: Properties }>;
	read(id: string, olds: Properties): Promise<{ id?: string; props?: Properties }>;
	delete(id: string, olds: Properties): Promise<void>;
}

/** The configuration is the same for every resource of a process, and so is the world, but for its progress. */
let config: (key: string) => string | undefined = () => undefined;
let configKeys: string[] = [];
let worlds: Promise<(urn: string | undefined) => World> | undefined;

/** Made for the first work: what only checks and compares never loads the HTTP client. */
function makeWorlds(): Promise<(urn: string | undefined) => World> {
	if (!worlds) {
		// What is deleted was never checked in this run.
		const unfit = nodeProblem();
		if (unfit) throw new UserError(unfit);
		const read = settings();
		if ("problems" in read) throw settingsError(read.problems);
		worlds = import("../core/compose.js").then(({ composeWorld }) => {
			const { progressOf, ...surroundings } = surroundingsOnce();
			const world = composeWorld(read.settings, surroundings);
			return (urn) => ({ ...world, urn, progress: progressOf(urn) });
		});
	}
	return worlds;
}

let started: ReturnType<typeof startedByEngine> | undefined;
const surroundingsOnce = () => {
	started ??= startedByEngine();
	return started;
};

/** What is Pulumi's among the properties of a resource, and none of a handler's business. */
interface Wiring {
	/** The text by which the launcher finds this code. It adds it to results, but not to errors. */
	__provider?: unknown;
	/** The resource's own URN, which Pulumi does not tell a dynamic provider: the class passes it along. */
	__statusUrn?: unknown;
}

function apart(properties: Properties): { wiring: Wiring; own: Properties } {
	// States of earlier versions have it in sight.
	const { __provider, statusUrn, __statusUrn = statusUrn, ...own } = properties;
	return { wiring: { __provider, __statusUrn }, own };
}

const urnOf = ({ __statusUrn: urn }: Wiring) =>
	typeof urn === "string" && urn !== unknownValue ? urn : undefined;

const settings = () => readSettings(config, (key) => process.env[key], configKeys);

export function dynamicProvider<Inputs extends object, Outputs extends object>(
	handler: Handler<Inputs, Outputs>,
): DynamicProvider {
	const inputs = (properties: Properties) => apart(properties).own as unknown as Inputs;
	const outputs = (properties: Properties) => apart(properties).own as unknown as Outputs;
	return {
		// Synchronous, and without a throw: the launcher keeps a provider whose configuration failed, and lets
		// calls in while it is configured.
		configure(request) {
			config = (key) => request.config.get(key);
			// Its declaration calls it private; without it a slip in a name goes unnoticed, and nothing else.
			configKeys = Object.keys((request.config as { rawConfig?: object }).rawConfig ?? {});
		},

		check(_olds, news) {
			const read = settings();
			const { kind } = handler;
			const conflicting = claims.declare(urnOf(apart(news).wiring), { kind, inputs: inputs(news) });
			const unfit = nodeProblem();
			return {
				inputs: news,
				failures: [
					...(unfit ? [{ property: "", reason: unfit }] : []),
					...("problems" in read ? read.problems.map(settingFailure) : []),
					...argumentProblems(kind, inputs(news)),
					...conflicting,
				],
			};
		},

		async diff(id, olds, news) {
			const urn = urnOf(apart(news).wiring);
			try {
				const read = settings();
				if ("problems" in read) throw settingsError(read.problems);
				const { workspaceId } = read.settings;
				const whole = async () => (await makeWorlds())(urn);
				const note = (text: string) => surroundingsOnce().progressOf(urn).note(text);
				return await handler.diff({ workspaceId, claims, urn, note, whole }, id, outputs(olds), inputs(news));
			} catch (error) {
				throw presentable(error, handler.kind, "compared", {});
			}
		},

		async create(properties) {
			return withWorld(handler, "created", properties, async (world, recorded) => {
				const { id, outputs } = await handler.create(world, inputs(properties));
				return { id, outs: recorded(outputs) };
			});
		},

		async update(id, olds, news) {
			return withWorld(handler, "updated", news, async (world, recorded) => ({
				outs: recorded(await handler.update(world, id, outputs(olds), inputs(news))),
			}));
		},

		async read(id, olds) {
			return withWorld(handler, "read", olds, async (world, recorded) => {
				const found = await handler.read(world, id, outputs(olds));
				return found ? { id, props: recorded(found) } : {};
			});
		},

		async delete(id, olds) {
			return withWorld(handler, "deleted", olds, (world) => handler.delete(world, id, outputs(olds)));
		},
	};
}

const settingFailure = ({ setting, reason }: SettingsProblem) => ({
	property: "",
	reason: `${setting} ${reason}`,
});

const oldSettings =
	"`pulumi refresh` and `pulumi destroy` use the configuration of the last `up`; with --run-program they read it anew.";

function settingsError(problems: SettingsProblem[]): UserError {
	return new UserError(lines(...problems.map(({ setting, reason }) => `${setting} ${reason}`), oldSettings));
}

async function withWorld<T>(
	handler: { kind: string },
	done: string,
	properties: Properties,
	work: (world: World, recorded: (outputs: object) => Properties) => Promise<T>,
): Promise<T> {
	const { wiring } = apart(properties);
	let stop: AbortSignal | undefined;
	try {
		return await operations.run(async () => {
			const world = (await makeWorlds())(urnOf(wiring));
			stop = world.stop;
			return work(world, (outputs) => withUrn(outputs, wiring));
		});
	} catch (error) {
		throw presentable(error, handler.kind, done, { wiring, stop });
	}
}

/** What the state is to hold: a delete knows nothing else of the resource. */
const withUrn = (outputs: object, { __statusUrn }: Wiring): Properties =>
	plainJson({ ...outputs, __statusUrn });

/**
 * An error as the launcher and the engine can show it: the message is all a person needs, so no stack goes
 * to the terminal. One with an `id` means "created, but not ready"; nothing else may carry one.
 */
function presentable(
	error: unknown,
	kind: string,
	done: string,
	{ wiring = {}, stop }: { wiring?: Wiring; stop?: AbortSignal | undefined },
): Error {
	if (error instanceof IncompleteError) {
		return Object.assign(quiet(redact(error.message)), {
			id: error.id,
			properties: { ...withUrn(error.outputs, wiring), __provider: wiring.__provider },
			reasons: error.reasons.map(redact),
		});
	}
	const message =
		stop?.aborted && !(error instanceof UserError)
			? `Stopped while it was being ${done}. The next \`pulumi up\` goes on from here.`
			: error instanceof Error
				? error.message
				: String(error);
	const hint =
		error instanceof UnauthorizedError && (done === "read" || done === "deleted") ? oldSettings : undefined;
	return quiet(redact(lines(`${kind} was not ${done}: ${message}`, hint)));
}

/** The launcher prints `${error}: ${error.stack}` with the stack's diagnostics, beside the resource's own. */
function quiet(message: string): Error {
	const [headline] = message.split(":");
	return Object.assign(new Error(message), {
		toString: () => headline,
		stack: "the reason stands with the resource.",
	});
}

/** Nothing below puts a credential into an error; this holds it even if something did. */
function redact(text: string): string {
	const read = settings();
	if (!("settings" in read)) return text;
	return secretsOf(read.settings).reduce((clean, secret) => clean.replaceAll(secret, "[redacted]"), text);
}

/** Undefined, functions and dates would fail after the object exists already, and orphan it. */
const plainJson = (value: object): Properties => JSON.parse(JSON.stringify(value)) as Properties;
