import { shown } from "../../dns/index.js";
import { UnauthorizedError } from "../../sdk/errors.js";
import { type ArgumentProblem, argumentProblems } from "../arguments/checks.js";
import { type ErrorCode, withCode } from "./error-codes.js";
import { codeOf, IncompleteError, lines, linesOf, UserError, withCodeBehind } from "./errors.js";
import type { Difference, Handler } from "./handler.js";
import type { Claims } from "./run/claims.js";
import type { Operations } from "./running-operations.js";
import { codeOfSettings, inWords, type Read, type Settings, secretsOf } from "./settings/settings.js";
import type { SettingsProblem } from "./settings/source.js";
import type { DiffWorld, World } from "./world.js";

/** What a binding knows of its process, whatever the resource. */
export interface Binding {
	readonly settings: () => Read<Settings>;
	/** Why this process cannot do the work, if it cannot. */
	readonly problem: () => string | undefined;
	readonly claims: Claims;
	readonly operations: Operations;
	/** The world of one operation, made when it is first needed. */
	readonly world: (urn: string | undefined, settings: Settings) => Promise<World>;
}

/**
 * A resource as every binding calls it. What it throws is complete, as people read it, with its code at the end, and
 * holds no secret: IncompleteError where the object exists and is not ready, UserError otherwise.
 */
export class Resource<Inputs extends object, Outputs extends object> {
	constructor(
		private readonly handler: Handler<Inputs, Outputs>,
		private readonly binding: Binding,
	) {}

	/** What is wrong with the inputs, with the settings, or with the process. A property of `""` stands for the resource. */
	check(urn: string | undefined, inputs: Inputs): ArgumentProblem[] {
		const { claims, settings, problem } = this.binding;
		const { kind } = this.handler;
		const conflicting = claims.declare(urn, { kind, inputs });
		const read = settings();
		const unfit = problem();
		const ofResource = (code: ErrorCode, reason: string) => ({
			property: "",
			reason: withCode(reason, code),
		});
		const ofArgument = (code: ErrorCode) => (each: ArgumentProblem) => ({
			...each,
			reason: withCode(each.reason, code),
		});
		return [
			...(unfit ? [ofResource("node-too-old", unfit)] : []),
			...("problems" in read
				? read.problems.map((each) => ofResource(codeOfSettings([each]), inWords(each)))
				: []),
			...argumentProblems(kind, inputs).map(ofArgument("argument-invalid")),
			...conflicting.map(ofArgument("names-declared-twice")),
		].map((each) => ({ ...each, reason: shown(each.reason) }));
	}

	async diff(
		of: Pick<DiffWorld, "urn" | "retained">,
		id: string,
		olds: Outputs,
		news: Inputs,
	): Promise<Difference> {
		try {
			const read = this.binding.settings();
			if ("problems" in read) throw settingsError(read.problems);
			const { api } = read.settings;
			const home = { workspaceId: api.workspaceId, ...(api.kind === "embedded" && { region: api.region }) };
			const whole = () => this.#world(of.urn);
			const { claims } = this.binding;
			return await this.handler.diff({ home, claims, ...of, whole }, id, olds, news);
		} catch (error) {
			throw this.#presentable(error, "compared");
		}
	}

	create(urn: string | undefined, inputs: Inputs): Promise<{ id: string; outputs: Outputs }> {
		return this.#work(urn, "created", (world) => this.handler.create(world, inputs));
	}

	update(urn: string | undefined, id: string, olds: Outputs, news: Inputs): Promise<Outputs> {
		return this.#work(urn, "updated", (world) => this.handler.update(world, id, olds, news));
	}

	read(urn: string | undefined, id: string, olds: Partial<Outputs>): Promise<Outputs | undefined> {
		return this.#work(urn, "read", (world) => this.handler.read(world, id, olds));
	}

	delete(urn: string | undefined, id: string, olds: Outputs): Promise<void> {
		return this.#work(urn, "deleted", (world) => this.handler.delete(world, id, olds));
	}

	async #work<T>(urn: string | undefined, done: string, work: (world: World) => Promise<T>): Promise<T> {
		let stop: AbortSignal | undefined;
		try {
			return await this.binding.operations.run(async () => {
				const world = await this.#world(urn);
				stop = world.stop;
				return work(world);
			});
		} catch (error) {
			throw this.#presentable(error, done, stop);
		}
	}

	#world(urn: string | undefined): Promise<World> {
		// What is deleted was never checked in this run.
		const unfit = this.binding.problem();
		if (unfit) throw new UserError("node-too-old", unfit);
		const read = this.binding.settings();
		if ("problems" in read) throw settingsError(read.problems);
		return this.binding.world(urn, read.settings);
	}

	#presentable(error: unknown, done: string, stop?: AbortSignal): Error {
		const redacted = (message: readonly string[]) => message.map((line) => this.#redact(line));
		if (error instanceof IncompleteError) {
			const { code, id, outputs, reasons } = error;
			const all = reasons.map((each) => each.split("\n"));
			const last = withCodeBehind(all.at(-1) ?? [], code);
			return new IncompleteError(code, id, outputs, [...all.slice(0, -1), last].map(redacted));
		}
		const isStopped = stop?.aborted && !(error instanceof UserError);
		const code = isStopped ? "stopped" : codeOf(error);
		const [first = "", ...more] = isStopped
			? [`Stopped while it was being ${done}. The next \`pulumi up\` goes on from here.`]
			: linesOf(error);
		const isOfOldSettings = error instanceof UnauthorizedError && (done === "read" || done === "deleted");
		const what = `${this.handler.kind} was not ${done}: ${first}`;
		const told = withCodeBehind(lines(what, ...more, isOfOldSettings && oldSettings), code);
		return new UserError(code, redacted(told));
	}

	/** Nothing below puts a credential into an error; this holds it even if something did. */
	#redact(text: string): string {
		const read = this.binding.settings();
		if (!("settings" in read)) return text;
		return secretsOf(read.settings).reduce((clean, secret) => clean.replaceAll(secret, "[redacted]"), text);
	}
}

const oldSettings =
	"`pulumi refresh` and `pulumi destroy` use the configuration of the last `up`; with --run-program they read it anew.";

const settingsError = (problems: readonly SettingsProblem[]) =>
	new UserError(codeOfSettings(problems), lines(...problems.map(inWords), oldSettings));
