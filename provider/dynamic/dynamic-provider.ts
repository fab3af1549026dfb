/**
 * Pulumi's dynamic-provider contract, the process's half of it: the only file here that knows how the
 * launcher calls a provider, and what it does with results and errors.
 */
import { nodeProblem } from "../../sdk/node-version.js";
import { unknownValue } from "../arguments/unknown.js";
import { IncompleteError } from "../core/errors.js";
import type { Handler } from "../core/handler.js";
import { type Binding, Resource } from "../core/resource.js";
import { readSettings } from "../core/settings/settings.js";
import type { World } from "../core/world.js";
import { claims, operations, startedByEngine } from "./surroundings.js";

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

const binding: Binding = {
	settings: () => readSettings(config, (key) => process.env[key], configKeys),
	problem: () => nodeProblem(),
	claims,
	operations,
	async world(urn, settings) {
		// Made for the first work: what only checks and compares never loads the HTTP client.
		worlds ??= import("../core/compose.js").then(async ({ composeWorld }) => {
			const { progressOf, ...surroundings } = surroundingsOnce();
			const world = await composeWorld(settings, surroundings);
			return (each) => ({ ...world, urn: each, progress: progressOf(each) });
		});
		return (await worlds)(urn);
	},
};

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
	/**
	 * True with the option `retainOnDelete`, of which Pulumi tells nothing either; false where the program has just taken
	 * it away, and the engine still goes by the state.
	 */
	__retained?: unknown;
}

function apart(properties: Properties): { wiring: Wiring; own: Properties } {
	// States of earlier versions have it in sight.
	const { __provider, statusUrn, __statusUrn = statusUrn, __retained, ...own } = properties;
	return { wiring: { __provider, __statusUrn, __retained }, own };
}

const urnOf = ({ __statusUrn: urn }: Wiring) =>
	typeof urn === "string" && urn !== unknownValue ? urn : undefined;

export function dynamicProvider<Inputs extends object, Outputs extends object>(
	handler: Handler<Inputs, Outputs>,
): DynamicProvider {
	const resource = new Resource(handler, binding);
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

		check(olds, news) {
			const wasRetained = olds.__retained === true && news.__retained === undefined;
			return {
				inputs: { ...news, ...(wasRetained && { __retained: false }) },
				failures: resource.check(urnOf(apart(news).wiring), inputs(news)),
			};
		},

		async diff(id, olds, news) {
			const { wiring } = apart(news);
			const urn = urnOf(wiring);
			const compared = resource.diff(
				{ urn, retained: wiring.__retained !== undefined },
				id,
				outputs(olds),
				inputs(news),
			);
			const difference = await compared.catch(throwQuietly({}));
			const { note } = surroundingsOnce().progressOf(urn);
			for (const { reason, isHidden } of difference) if (isHidden) note(reason);
			const replaces = difference.filter((each) => each.replaces).map(({ property }) => property);
			return { changes: difference.length > 0, replaces };
		},

		async create(properties) {
			const { wiring } = apart(properties);
			const made = resource.create(urnOf(wiring), inputs(properties));
			const { id, outputs } = await made.catch(throwQuietly(wiring));
			return { id, outs: withUrn(outputs, wiring) };
		},

		async update(id, olds, news) {
			const { wiring } = apart(news);
			const updated = resource.update(urnOf(wiring), id, outputs(olds), inputs(news));
			return { outs: withUrn(await updated.catch(throwQuietly(wiring)), wiring) };
		},

		async read(id, olds) {
			const { wiring } = apart(olds);
			const found = await resource.read(urnOf(wiring), id, outputs(olds)).catch(throwQuietly(wiring));
			return found ? { id, props: withUrn(found, wiring) } : {};
		},

		async delete(id, olds) {
			const { wiring } = apart(olds);
			await resource.delete(urnOf(wiring), id, outputs(olds)).catch(throwQuietly(wiring));
		},
	};
}

/** What the state is to hold: a delete knows nothing else of the resource. */
const withUrn = (outputs: object, { __statusUrn }: Wiring): Properties =>
	plainJson({ ...outputs, __statusUrn });

/** One with an `id` means "created, but not ready"; nothing else may carry one. */
const throwQuietly =
	(wiring: Wiring) =>
	(error: Error): never => {
		if (!(error instanceof IncompleteError)) throw quiet(error.message);
		const properties = { ...withUrn(error.outputs, wiring), __provider: wiring.__provider };
		throw Object.assign(quiet(error.message), { id: error.id, properties, reasons: error.reasons });
	};

/** The launcher prints `${error}: ${error.stack}` with the stack's diagnostics, beside the resource's own. */
function quiet(message: string): Error {
	const [headline] = message.split(":");
	return Object.assign(new Error(message), {
		toString: () => headline,
		stack: "the reason stands with the resource.",
	});
}

/** Undefined, functions and dates would fail after the object exists already, and orphan it. */
const plainJson = (value: object): Properties => JSON.parse(JSON.stringify(value)) as Properties;
