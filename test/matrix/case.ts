import { expect } from "vitest";
import { defaultAccount, type FaultRule } from "../../sandbox/index.js";
import { type DeploymentOptions, type Outcome, Stack } from "../support/deployment/deployment.js";
import { type ProcessOptions, startProcess } from "../support/deployment/process.js";
import type { DeclaredSetup } from "../support/deployment/program.js";
import { everyQuestion } from "./fault-kinds.js";
import { face, type Lane, secretsOf } from "./lanes.js";
import { Neighbourhood } from "./neighbourhood.js";
import type { Operation } from "./operations.js";

/** A stack, the domain that it is about, and all that its runs have told. */
export class Case {
	readonly place: Neighbourhood;
	readonly stack: Stack;
	readonly #told: string[] = [];
	/** Setups that others have made. */
	#others: readonly string[] = [];
	#adopts = false;

	constructor(
		readonly lane: Lane,
		readonly operation: Operation,
		name: string,
	) {
		this.place = new Neighbourhood(lane.stage, name, operation.account, operation.api);
		this.stack = new Stack(this.place.name);
	}

	/** Brings about what there is before the operation. */
	async prepare(): Promise<void> {
		const { before, meanwhile } = this.operation;
		this.place.delegate("second");
		if (before) expect((await this.#run("up", before(this.place))).failures).toEqual([]);
		this.place.delegate("second");
		await meanwhile?.(this.place);
		this.#others = (await this.orphans()).map(({ id }) => id);
		this.lane.stage.sandbox.log.clear();
	}

	/** Has the program take over what there is. */
	adopts(): void {
		this.#adopts = true;
	}

	/** @param surroundings of the provider process, where they are not as they should be. */
	run(run: Operation["run"] = this.operation.run, surroundings: ProcessOptions = {}): Promise<Outcome> {
		const program = this.operation.program(this.place);
		return this.#run(run, { ...program, ...(this.#adopts && { adoptExisting: true }) }, surroundings);
	}

	#run(run: Operation["run"], program: DeclaredSetup, surroundings: ProcessOptions = {}): Promise<Outcome> {
		const { stage, dnsServer } = this.lane;
		const options: DeploymentOptions = {
			world: startProcess(stage, {
				dnsServer,
				api: this.place.api,
				...(this.operation.checksAccount && { allowedAccountIds: [defaultAccount.id] }),
				...surroundings,
			}),
			on: (event) => {
				if ("message" in event) this.#told.push(event.message);
			},
		};
		return run === "up" ? this.stack.up([program], options) : this.stack[run](options);
	}

	/** What an operation that has not failed is to have done. */
	expectDone(): Promise<void> {
		return this.operation.run === "destroy" ? this.place.expectNothing() : this.expectWanted();
	}

	expectWanted(): Promise<void> {
		return this.place.expectWanted(this.operation.wanted(this.place));
	}

	/** The setups of the domain that nobody has. */
	async orphans() {
		const known = [...this.#others, ...this.stack.resources.map(({ id }) => id)];
		return (await this.place.setups()).filter(({ id }) => !known.includes(id));
	}

	expectNoSecrets(): void {
		const shown = `${this.#told.join("\n")}\n${JSON.stringify(this.stack.resources)}`;
		for (const secret of secretsOf(this.place.stage)) expect(shown.includes(secret)).toBe(false);
	}

	/** `route53 GetChange`, or `dns TXT _dmarc.{domain}`. */
	calls(): string[] {
		const { log } = this.lane.stage.sandbox;
		return log.all().flatMap(({ service, operation, input }) => {
			// Asked by the service.
			if (service === "sesv2" && this.place.api === "remote") return [];
			if (service !== "dns") return [`${service} ${operation}`];
			const asked = input as { face: string; name: string };
			return asked.face === face ? [`dns ${operation} ${this.#general(asked.name)}`] : [];
		});
	}

	/** Which calls these are, for faults. */
	ruleOf(call: string): Omit<FaultRule, "effect"> {
		const [service = "", ...rest] = call.split(" ");
		if (service !== "dns") return { service, operation: rest.join(" ") };
		const match = (input: unknown) => {
			const { face: asked, name, type } = input as { face: string; name: string; type: string };
			return asked === face && (call === everyQuestion || `dns ${type} ${this.#general(name)}` === call);
		};
		return { service, match };
	}

	#general(name: string): string {
		return name
			.replace(/^\w{20,}\._domainkey/, "{token}._domainkey")
			.replace(`${this.place.name}.test`, "{zone}");
	}
}
