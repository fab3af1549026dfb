/**
 * Runs programs of `SesSetup`s on the provider's handlers in the order in which Pulumi's engine asks them, and keeps what
 * it would record. It is no engine and replaces none: what the real one does stands in its source (`step_generator.go`,
 * `step.go`), and `test/integration/` runs it.
 */

import { shown, type Words } from "../../../dns/index.js";
import { createLimiter } from "../../../dns/limiter.js";
import { type ArgumentProblem, argumentProblems } from "../../../provider/arguments/checks.js";
import { unknownValue } from "../../../provider/arguments/unknown.js";
import type { ErrorCode } from "../../../provider/core/error-codes.js";
import { IncompleteError, told, UserError } from "../../../provider/core/errors.js";
import { type Handler, isReplaced } from "../../../provider/core/handler.js";
import type { SetupOutputs } from "../../../provider/core/inputs.js";
import { recordsHandler } from "../../../provider/core/records/handler.js";
import { claiming } from "../../../provider/core/run/claiming.js";
import { setupHandler } from "../../../provider/core/setup/handler.js";
import { verificationHandler } from "../../../provider/core/verification/handler.js";
import type { DiffWorld, World } from "../../../provider/core/world.js";
import { type DeclaredSetup, type Goal, goalsOf, type Kind } from "./program.js";
import { type Resource, Snapshot } from "./snapshot.js";

type StepKind = "create" | "update" | "replace" | "delete" | "same" | "read";

interface Step {
	readonly kind: StepKind;
	readonly urn: string;
}

export type DeploymentEvent =
	| { readonly type: "began" | "ended"; readonly step: Step }
	| {
			readonly type: "failed";
			readonly step: Step | undefined;
			readonly urn: string;
			readonly message: string;
	  }
	| {
			readonly type: "progress" | "warning" | "note";
			readonly urn: string | undefined;
			readonly message: string;
	  };

export interface Outcome {
	/** What was done, as far as it was recorded, or would be in a preview; without what stayed the same. */
	readonly steps: readonly Step[];
	readonly failures: readonly { readonly urn: string; readonly message: string; readonly cause: unknown }[];
	/** Nothing after the kill is in the state. */
	readonly killed: boolean;
}

export interface DeploymentOptions {
	/**
	 * The world of a provider process that is started for this: with a `run` that has declared nothing. `urn` and
	 * `progress` are put in their place for each operation.
	 */
	readonly world: World;
	/** Ends the engine in this moment: nothing more is begun or recorded. What becomes of the process is the world's matter. */
	readonly kill?: AbortSignal;
	/** Operations at once. Default: the world's slots. */
	readonly parallel?: number;
	/** A failure ends only what depends on it, as with `--continue-on-error`. Default false. */
	readonly continueOnError?: boolean;
	readonly on?: (event: DeploymentEvent) => void;
}

type AnyHandler = Handler<object, object>;

const handlers: Readonly<Record<Kind, AnyHandler>> = {
	SesSetup: claiming(setupHandler) as unknown as AnyHandler,
	Route53Records: claiming(recordsHandler) as unknown as AnyHandler,
	Verification: claiming(verificationHandler) as unknown as AnyHandler,
};

/** What the step generator makes of a goal. */
interface Decision {
	readonly old: Resource | undefined;
	readonly kind: StepKind;
	/** What is deleted before it is made anew, itself included. */
	readonly goingFirst: readonly Resource[];
}

/** Of a failure that was told already, or of what was never begun because of one. */
class Halted extends Error {}

export class Stack {
	readonly #state = new Snapshot();

	constructor(readonly name: string) {}

	/** The state, as the last deployment has left it. */
	get resources(): readonly Resource[] {
		return this.#state.resources;
	}

	/** Forgets a resource, as `pulumi state delete` does. */
	forget(urn: string): void {
		this.#state.remove(urn);
	}

	up(program: readonly DeclaredSetup[], options: DeploymentOptions): Promise<Outcome> {
		return new Deployment(this.name, this.#state, options).up(program);
	}

	/** Checks and compares as an `up` does, and does nothing. */
	preview(program: readonly DeclaredSetup[], options: DeploymentOptions): Promise<Outcome> {
		return new Deployment(this.name, this.#state, options).preview(program);
	}

	refresh(options: DeploymentOptions): Promise<Outcome> {
		return new Deployment(this.name, this.#state, options).refresh();
	}

	destroy(options: DeploymentOptions): Promise<Outcome> {
		return new Deployment(this.name, this.#state, options).destroy();
	}
}

/** One run of the engine. */
class Deployment {
	readonly #steps: Step[] = [];
	readonly #failures: Outcome["failures"][number][] = [];
	/** The engine generates steps one at a time, checks and comparisons with them. */
	readonly #generator = createLimiter(1);
	readonly #slots: ReturnType<typeof createLimiter>;
	readonly #registered = new Set<string>();

	constructor(
		private readonly stack: string,
		private readonly state: Snapshot,
		private readonly options: DeploymentOptions,
	) {
		this.#slots = createLimiter(options.parallel ?? options.world.slots);
	}

	up(program: readonly DeclaredSetup[]): Promise<Outcome> {
		return this.#outcome(async () => {
			const setups = program.map((declared) => {
				const goals = goalsOf(this.stack, declared);
				return { goals, made: this.#register(goals.setup) };
			});
			const all = Promise.allSettled(setups.map(({ made }) => made));
			const deployed = await Promise.allSettled(setups.map((setup) => this.#deploy(setup, all)));
			if (deployed.some(({ status }) => status === "rejected")) return;
			for (const { urn, pendingReplacement } of this.state.resources)
				if (pendingReplacement) this.#record(() => this.state.remove(urn));
			await this.#deleteAll(this.state.resources.filter(({ urn }) => !this.#registered.has(urn)));
		});
	}

	preview(program: readonly DeclaredSetup[]): Promise<Outcome> {
		return this.#outcome(async () => {
			await Promise.allSettled(
				program.map(async (declared) => {
					const { setup, children } = goalsOf(this.stack, declared);
					const { old, kind } = await this.#foresee(setup);
					const isThere = old !== undefined && kind !== "create" && kind !== "replace";
					// Outputs are the inputs, and what is missing among them is unknown, unless nothing is to change.
					const outputs =
						old !== undefined && kind === "same" ? (old.outputs as SetupOutputs) : unknownOutputs;
					const { records, verification } = children(isThere ? old.id : unknownValue, outputs);
					if (records) await this.#foresee(records);
					if (verification) await this.#foresee(verification);
				}),
			);
		});
	}

	refresh(): Promise<Outcome> {
		return this.#outcome(async () => {
			const reads = this.state.resources.map((old) =>
				this.#step({ kind: "read", urn: old.urn }, async (world) => {
					const { read, diff } = handlers[old.kind];
					const outputs = await read(world(old.statusUrn), old.id, plain(old.outputs));
					if (!outputs) {
						this.#record(() => this.state.remove(old.urn));
						return;
					}
					this.#record(() => this.state.put({ ...old, outputs, initErrors: [] }));
					await diff(this.#diffWorld(old.urn), old.id, plain(outputs), plain(old.inputs));
				}),
			);
			await Promise.allSettled(reads);
		});
	}

	destroy(): Promise<Outcome> {
		return this.#outcome(() => this.#deleteAll(this.state.resources));
	}

	/** The children of a setup, as the class registers them: a wait once every setup is made (`provider/wait-start.ts`). */
	async #deploy(
		{ goals, made }: { goals: ReturnType<typeof goalsOf>; made: Promise<Resource> },
		all: Promise<unknown>,
	): Promise<void> {
		const { id, outputs } = await made;
		const { records, verification } = goals.children(id, outputs as SetupOutputs);
		if (records) await this.#register(records);
		if (!verification) return;
		await all;
		await this.#register(verification);
	}

	/** @returns the resource as it is recorded then. @throws Halted */
	async #register(goal: Goal): Promise<Resource> {
		const { old, kind, goingFirst } = await this.#generate(goal);
		this.#registered.add(goal.urn);
		const { urn, dependencies, retainOnDelete, inputs, name } = goal;
		const handler = handlers[goal.kind];
		const common = { kind: goal.kind, name, urn, dependencies, retainOnDelete };
		if (kind === "same" && old) {
			const same = { ...old, ...common, inputs };
			this.#record(() => this.state.put(same, old.urn));
			return same;
		}
		if (kind === "update" && old) {
			return this.#step({ kind, urn }, async (world) => {
				const done = { ...common, id: old.id, statusUrn: urn };
				try {
					const outputs = await handler.update(world(urn), old.id, plain(old.outputs), plain(inputs));
					return this.#put({ ...done, inputs, outputs, initErrors: [] }, old.urn);
				} catch (error) {
					// A partial update keeps the old inputs, so that the next one is offered the new ones again.
					if (error instanceof IncompleteError)
						this.#put({ ...done, inputs: old.inputs, ...incomplete(error) }, old.urn);
					throw error;
				}
			});
		}
		for (const each of goingFirst)
			await this.#delete(each, () => this.state.put({ ...each, pendingReplacement: true }));
		return this.#step({ kind, urn }, async (world) => {
			const made = { ...common, inputs, statusUrn: urn };
			try {
				const { id, outputs } = await handler.create(world(urn), plain(inputs));
				return this.#put({ ...made, id, outputs, initErrors: [] }, old?.urn);
			} catch (error) {
				if (error instanceof IncompleteError)
					this.#put({ ...made, id: error.id, ...incomplete(error) }, old?.urn);
				throw error;
			}
		});
	}

	/** Says what would be done for a resource. @throws Halted */
	async #foresee(goal: Goal): Promise<Decision> {
		const decision = await this.#generate(goal);
		if (decision.kind !== "same") this.#steps.push({ kind: decision.kind, urn: goal.urn });
		return decision;
	}

	/** Decides what is to be done for a resource. @throws Halted */
	#generate(goal: Goal): Promise<Decision> {
		return this.#generator(async () => {
			if (this.#isOver) throw new Halted();
			const { urn, aliases, inputs } = goal;
			const handler = handlers[goal.kind];
			try {
				const given = plain(inputs);
				refuse("argument-invalid", argumentProblems(goal.kind, given));
				const declared = { kind: goal.kind, inputs: given };
				refuse("names-declared-twice", this.options.world.claims.declare(urn, declared));
				const old = this.state.find([urn, ...aliases]);
				if (!old) return { old, kind: "create", goingFirst: [] };
				if (old.pendingReplacement) return { old, kind: "replace", goingFirst: [] };
				const difference = await handler.diff(
					{ ...this.#diffWorld(urn), retained: goal.retainOnDelete || old.retainOnDelete },
					old.id,
					plain(old.outputs),
					given,
				);
				for (const { reason, isHidden } of difference)
					if (isHidden) this.#tell({ type: "note", urn, message: reason });
				if (isReplaced(difference)) {
					return { old, kind: "replace", goingFirst: [...(await this.#replacedWith(old)), old] };
				}
				const isToUpdate = difference.length > 0 || old.initErrors.length > 0;
				return { old, kind: isToUpdate ? "update" : "same", goingFirst: [] };
			} catch (error) {
				throw this.#fail(undefined, urn, error);
			}
		});
	}

	/**
	 * With `deleteBeforeReplace` what depends on it goes before it, where its own comparison says that it is replaced as
	 * well (`calculateDependentReplacements` of the engine).
	 */
	async #replacedWith(old: Resource): Promise<Resource[]> {
		const replaced: Resource[] = [];
		for (const each of this.state.dependentsOf(old.urn)) {
			if (each.pendingReplacement) continue;
			const unknown = { ...plain(each.inputs), setupId: unknownValue, ...unknownOutputs };
			const world = this.#diffWorld(each.urn);
			const { diff } = handlers[each.kind];
			if (isReplaced(await diff(world, each.id, plain(each.outputs), unknown))) replaced.unshift(each);
		}
		return replaced;
	}

	/** Each after what depends on it. */
	async #deleteAll(resources: readonly Resource[]): Promise<void> {
		const going = new Map<string, Promise<void>>();
		const deletion = (one: Resource): Promise<void> => {
			const known = going.get(one.urn);
			if (known) return known;
			const dependents = resources.filter(({ dependencies }) => dependencies.includes(one.urn));
			const gone = Promise.all(dependents.map(deletion)).then(() =>
				one.pendingReplacement
					? this.#record(() => this.state.remove(one.urn))
					: this.#delete(one, () => this.state.remove(one.urn)),
			);
			going.set(one.urn, gone);
			return gone;
		};
		await Promise.allSettled(resources.map(deletion));
	}

	#delete(old: Resource, recorded: () => void): Promise<void> {
		return this.#step({ kind: "delete", urn: old.urn }, async (world) => {
			if (!old.retainOnDelete)
				await handlers[old.kind].delete(world(old.statusUrn), old.id, plain(old.outputs));
			this.#record(recorded);
		});
	}

	/** One call of the provider, in one of the engine's slots. @throws Halted */
	#step<T>(step: Step, work: (world: (urn: string) => World) => Promise<T>): Promise<T> {
		return this.#slots(async () => {
			if (this.#isOver) throw new Halted();
			this.#tell({ type: "began", step });
			try {
				const done = await work((urn) => this.#world(urn));
				this.#record(() => this.#steps.push(step));
				this.#tell({ type: "ended", step });
				return done;
			} catch (error) {
				throw this.#fail(step, step.urn, error);
			}
		});
	}

	/** A step that fails lets those under way end, and no other begin. */
	get #isOver(): boolean {
		const hasFailed = this.#failures.length > 0 && !this.options.continueOnError;
		return hasFailed || this.options.kill?.aborted === true;
	}

	#fail(step: Step | undefined, urn: string, cause: unknown): Halted {
		if (cause instanceof Halted) return cause;
		const message = shown(told(cause));
		this.#failures.push({ urn, message, cause });
		this.#tell({ type: "failed", step, urn, message });
		return new Halted();
	}

	#record(change: () => void): void {
		if (!this.options.kill?.aborted) change();
	}

	#put(resource: Resource, former?: string): Resource {
		this.#record(() => this.state.put(resource, former));
		return { ...resource, outputs: plain(resource.outputs) };
	}

	#world(urn: string): World {
		const progress = {
			show: (message: string) => this.#tell({ type: "progress", urn, message }),
			warn: (words: Words) => this.#tell({ type: "warning", urn, message: shown(words) }),
		};
		return { ...this.options.world, urn, progress };
	}

	#diffWorld(urn: string): DiffWorld {
		const { claims } = this.options.world;
		return {
			home: {},
			claims,
			urn,
			whole: async () => this.#world(urn),
		};
	}

	#tell(event: DeploymentEvent): void {
		if (!this.options.kill?.aborted) this.options.on?.(event);
	}

	async #outcome(work: () => Promise<unknown>): Promise<Outcome> {
		const { kill } = this.options;
		await Promise.race([work(), ...(kill ? [aborted(kill)] : [])]);
		const killed = kill?.aborted === true;
		return { steps: this.#steps, failures: this.#failures, killed };
	}
}

const unknownOutputs = { dnsRecords: unknownValue, zone: unknownValue } as unknown as SetupOutputs;

const incomplete = ({ outputs, reasons }: IncompleteError) => ({ outputs, initErrors: reasons });

function refuse(code: ErrorCode, problems: readonly ArgumentProblem[]): void {
	if (problems.length > 0)
		throw new UserError(code, problems.map(({ property, reason }) => `${property} ${reason}`).join("\n"));
}

/** As it crosses the provider's protocol. */
const plain = (value: object): object => JSON.parse(JSON.stringify(value)) as object;

const aborted = (signal: AbortSignal) =>
	new Promise<void>((resolve) => {
		if (signal.aborted) resolve();
		else signal.addEventListener("abort", () => resolve(), { once: true });
	});
