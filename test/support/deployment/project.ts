import type { Route53Inputs, WaitInputs } from "../../../provider/arguments/inputs.js";
import { standing } from "../scene.js";
import type { Stage } from "../stage.js";
import { type DeploymentEvent, Stack } from "./deployment.js";
import { type ProcessOptions, startProcess } from "./process.js";
import type { DeclaredSetup } from "./program.js";
import type { Resource } from "./snapshot.js";

/** A `SesSetup` as users write it: `true` stands for all defaults. */
export interface Setup extends Omit<DeclaredSetup, "route53" | "waitForVerification"> {
	readonly route53?: true | Route53Inputs;
	readonly waitForVerification?: true | WaitInputs;
}

export interface RunOptions {
	/** The run must fail: succeeding is then the error. Default false. */
	readonly expectFailure?: boolean;
	/** A failure ends only what depends on it. Default false. */
	readonly continueOnError?: boolean;
	/** Operations at once. Default 8. */
	readonly parallel?: number;
	/** Of the provider process. Default: what the stage has. */
	readonly surroundings?: ProcessOptions;
}

export interface RunResult {
	/** `update mail-records`, in the order in which it was done; in a preview, what would be done. */
	readonly changes: readonly string[];
	/** Warnings, notes and errors, as they came. */
	readonly all: string;
	/** The error of each resource that failed, by the resource's name. */
	readonly errors: Readonly<Record<string, string>>;
}

/**
 * A program of `SesSetup`s and its stack, run in this process on the stage's servers: what `Project` is on the real CLI,
 * for what the provider's core decides. Its clock runs ten times as fast.
 */
export class LocalProject {
	readonly #stack = new Stack("local");
	#program: readonly Setup[];

	constructor(
		private readonly stage: Stage,
		...program: Setup[]
	) {
		this.#program = program;
	}

	/** Replaces the program. */
	declare(...program: Setup[]): void {
		this.#program = program;
	}

	up(options?: RunOptions): Promise<RunResult> {
		return this.#run("up", options);
	}

	preview(options?: RunOptions): Promise<RunResult> {
		return this.#run("preview", options);
	}

	refresh(options?: RunOptions): Promise<RunResult> {
		return this.#run("refresh", options);
	}

	destroy(options?: RunOptions): Promise<RunResult> {
		return this.#run("destroy", options);
	}

	get resources(): readonly Resource[] {
		return this.#stack.resources;
	}

	/** @throws {Error} where the state has none of this name. */
	resource(name: string): Resource {
		const found = this.resources.find((each) => each.name === name);
		if (!found) throw new Error(`the state has no ${name}`);
		return found;
	}

	/** What a resource has put out; undefined where it is not in the state. */
	outputs(name: string): Record<string, unknown> | undefined {
		return this.resources.find((each) => each.name === name)?.outputs as Record<string, unknown> | undefined;
	}

	async #run(
		command: "up" | "preview" | "refresh" | "destroy",
		{ expectFailure = false, surroundings = {}, ...options }: RunOptions = {},
	): Promise<RunResult> {
		const told: string[] = [];
		const on = (event: DeploymentEvent) => {
			if ("message" in event && event.type !== "progress") told.push(event.message);
		};
		const running = { world: startProcess(this.stage, surroundings), on, ...options };
		const program = this.#program.map(plainSetup);
		const { steps, failures } =
			command === "up" || command === "preview"
				? await this.#stack[command](program, running)
				: await this.#stack[command](running);
		const all = told.join("\n");
		if (failures.length > 0 !== expectFailure)
			throw new Error(`${command} ${expectFailure ? "succeeded where it should fail" : "failed"}:\n${all}`);
		return {
			changes: steps.filter(({ kind }) => kind !== "read").map(({ kind, urn }) => `${kind} ${nameIn(urn)}`),
			all,
			errors: Object.fromEntries(failures.map((failure) => [nameIn(failure.urn), failure.message])),
		};
	}
}

const nameIn = (urn: string) => urn.slice(urn.lastIndexOf("::") + 2);

const plainSetup = ({ route53, waitForVerification: wait, ...setup }: Setup): DeclaredSetup => ({
	...setup,
	...(route53 && { route53: route53 === true ? {} : route53 }),
	...(wait && { waitForVerification: wait === true ? {} : wait }),
});

export const published = { route53: true, waitForVerification: true } as const;

/** A setup `mail` of `mail.<name>.test`, in a zone `<name>.test` of its own, on a log that has only what the test does. */
export function localScene(stage: Stage, name: string, more: Partial<Setup> = published) {
	const { sandbox } = stage;
	sandbox.log.clear();
	const zone = sandbox.route53.createZone(`${name}.test`);
	const setup = (changed: Partial<Setup> = more): Setup => ({
		name: "mail",
		tenantName: name,
		domainIdentity: `mail.${name}.test`,
		...changed,
	});
	return {
		zone,
		/** The setup, with other arguments beside its names. */
		setup,
		project: new LocalProject(stage, setup()),
		...standing(stage, name, zone),
	};
}
