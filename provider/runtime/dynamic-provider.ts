/**
 * Pulumi's dynamic-provider contract, the process's half of it: the only file here that knows how the
 * launcher calls a provider, and what it does with results and errors.
 */
import { UnauthorizedError } from "../../sdk/errors.js";
import { argumentProblems } from "./arguments.js";
import { IncompleteError, lines, UserError } from "./errors.js";
import { operations } from "./operations.js";
import { readSettings, type SettingsProblem } from "./settings.js";
import type { World } from "./world.js";

/** What a resource does, told apart from how Pulumi asks for it. */
export interface Handler<Inputs extends object, Outputs extends object> {
	readonly kind: "SesSetup" | "Route53Records" | "Verification";
	diff(world: Pick<World, "workspaceId">, id: string, olds: Outputs, news: Inputs): Difference;
	create(world: World, inputs: Inputs): Promise<{ id: string; outputs: Outputs }>;
	update(world: World, id: string, olds: Outputs, news: Inputs): Promise<Outputs>;
	/** Undefined when the object is gone. */
	read(world: World, id: string, olds: Partial<Outputs>): Promise<Outputs | undefined>;
	delete(world: World, id: string, olds: Outputs): Promise<void>;
}

export interface Difference {
	changes: boolean;
	/** Inputs whose change means another object. */
	replaces?: string[];
}

type Properties = Record<string, unknown>;

/** What the launcher calls (`cmd/dynamic-provider` of @pulumi/pulumi). */
export interface DynamicProvider {
	configure(request: { config: { get(key: string): string | undefined } }): void;
	check(
		olds: Properties,
		news: Properties,
	): { inputs: Properties; failures: { property: string; reason: string }[] };
	diff(id: string, olds: Properties, news: Properties): { changes: boolean; replaces?: string[] };
	create(inputs: Properties): Promise<{ id: string; outs: Properties }>;
	update(id: string, olds: Properties, news: Properties): Promise<{ outs: Properties }>;
	read(id: string, olds: Properties): Promise<{ id?: string; props?: Properties }>;
	delete(id: string, olds: Properties): Promise<void>;
}

/** The configuration is the same for every resource of a process, and so is the world. */
let config: (key: string) => string | undefined = () => undefined;
let world: Promise<World> | undefined;

/** Made for the first work: what only checks and compares never loads the HTTP client. */
function theWorld(): Promise<World> {
	if (!world) {
		const read = settings();
		if ("problems" in read) throw settingsError(read.problems);
		world = import("./compose.js").then(({ composeWorld }) => composeWorld(read.settings));
	}
	return world;
}

const settings = () => readSettings(config, (key) => process.env[key]);

export function dynamicProvider<Inputs extends object, Outputs extends object>(
	handler: Handler<Inputs, Outputs>,
): DynamicProvider {
	const inputs = (properties: Properties) => properties as unknown as Inputs;
	const outputs = (properties: Properties) => properties as unknown as Outputs;
	return {
		// Synchronous, and without a throw: the launcher keeps a provider whose configuration failed, and lets
		// calls in while it is configured.
		configure(request) {
			config = (key) => request.config.get(key);
		},

		check(_olds, news) {
			const read = settings();
			return {
				inputs: news,
				failures: [
					...("problems" in read ? read.problems.map(settingFailure) : []),
					...argumentProblems(handler.kind, news),
				],
			};
		},

		diff(id, olds, news) {
			return shown(handler, "compared", () => {
				const read = settings();
				if ("problems" in read) throw settingsError(read.problems);
				return handler.diff(read.settings, id, outputs(olds), inputs(news));
			});
		},

		async create(properties) {
			return withWorld(handler, "created", properties, async (world) => {
				const { id, outputs } = await handler.create(world, inputs(properties));
				return { id, outs: plainJson(outputs) };
			});
		},

		async update(id, olds, news) {
			return withWorld(handler, "updated", news, async (world) => ({
				outs: plainJson(await handler.update(world, id, outputs(olds), inputs(news))),
			}));
		},

		async read(id, olds) {
			return withWorld(handler, "read", olds, async (world) => {
				const found = await handler.read(world, id, outputs(olds));
				return found ? { id, props: plainJson(found) } : {};
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
	work: (world: World) => Promise<T>,
): Promise<T> {
	let stop: AbortSignal | undefined;
	try {
		return await operations.run(async () => {
			const world = await theWorld();
			stop = world.stop;
			return work(world);
		});
	} catch (error) {
		throw presentable(error, handler.kind, done, { provider: properties.__provider, stop });
	}
}

function shown<T>(handler: { kind: string }, done: string, work: () => T): T {
	try {
		return work();
	} catch (error) {
		throw presentable(error, handler.kind, done, {});
	}
}

/**
 * An error as the launcher and the engine can show it: the message is all a person needs, so no stack goes
 * to the terminal. One with an `id` means "created, but not ready"; nothing else may carry one.
 */
function presentable(
	error: unknown,
	kind: string,
	done: string,
	{ provider, stop }: { provider?: unknown; stop?: AbortSignal | undefined },
): Error {
	if (error instanceof IncompleteError) {
		return Object.assign(quiet(redact(error.message)), {
			id: error.id,
			// The launcher adds the provider's text to results, but not to these.
			properties: { ...plainJson(error.outputs), __provider: provider },
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
	const { apiKey, aws } = read.settings;
	return [apiKey, aws.secretKey, aws.token].reduce<string>(
		(clean, secret) => (secret ? clean.replaceAll(secret, "[redacted]") : clean),
		text,
	);
}

/** Undefined, functions and dates would fail after the object exists already, and orphan it. */
const plainJson = (value: object): Properties => JSON.parse(JSON.stringify(value)) as Properties;
