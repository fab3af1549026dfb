import { canonicalName } from "../../dns/index.js";
import { resolveRoute53 } from "../../provider/core/inputs.js";
import { defaultAccount } from "../../sandbox/index.js";
import type { DeploymentEvent, Outcome } from "../support/deployment/deployment.js";
import * as happenings from "./happenings.js";
import { type Kill, SimulatedProcess, type Weather } from "./process.js";
import { remedy } from "./remedies.js";
import { domains, type Operation, Scene } from "./scene.js";
import { furnishSes, upsetSes, withdrawFromOthers } from "./ses-happenings.js";
import { Team } from "./team.js";
import { checkNothingLeft, checkWanted } from "./verdict.js";
import { Violation } from "./violation.js";
import { Watch } from "./watch.js";

const workspaces = ["11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"];
/** Longer than any run of the engine may take. */
const longestMs = 6 * 3_600_000;
/** A resolver's memory of a "no" in Route 53's zones. */
const negativeMs = 900_000;

/** A whole life of some stacks, drawn from a seed: what people, networks and other writers do, and what has to hold. */
export class Life {
	readonly #scene: Scene;
	readonly #dnsServers: boolean;

	constructor(seed: number, tell: Scene["tell"]) {
		this.#scene = new Scene(seed, tell);
		this.#dnsServers = this.#scene.random.chance(0.5);
	}

	/** Milliseconds since the epoch. */
	now(): number {
		return this.#scene.clock.now();
	}

	/** @throws Violation */
	async run(): Promise<void> {
		this.#prepare();
		if (this.#scene.random.chance(0.6)) for (const team of this.#scene.teams) await this.#run("up", team);
		for (let left = this.#scene.random.integer(1, 7); left > 0; left -= 1) await this.#step();
		await this.#heal();
		await this.#settled();
		await this.#end();
	}

	#prepare(): void {
		const { random, environment } = this.#scene;
		this.#scene.zones.push(environment.createZone("acme.test"));
		if (random.chance(0.3)) this.#scene.zones.push(environment.createZone("acme.test"));
		if (random.chance(0.15)) happenings.delegateBelow(this.#scene);
		happenings.furnish(this.#scene);
		furnishSes(this.#scene);
		for (const [index, name] of (random.chance(0.3) ? ["one", "two"] : ["one"]).entries()) {
			const workspaceId = workspaces[index === 1 && random.chance(0.3) ? 1 : 0] as string;
			const key = environment.ses ? defaultAccount.secretAccessKey : environment.api.createKey(workspaceId);
			const team = new Team(name, workspaceId, key, this.#dnsServers, random.fork());
			this.#scene.teams.push(team);
			for (let left = random.weighted([5, 1], [2, 2], [1, 3]); left > 0; left -= 1) {
				const [domain] = this.#freeDomains();
				if (domain) team.declare(domain);
			}
		}
		// Two that want the same.
		const [one, two] = this.#scene.teams;
		const first = one?.program[0];
		if (first && two && random.chance(0.3))
			two.program = [{ ...first, ...(random.chance(0.5) && { tenantName: "rival" }) }];
	}

	#freeDomains(): string[] {
		const taken = this.#scene.teams.flatMap(({ program }) =>
			program.map(({ domainIdentity }) => canonicalName(domainIdentity)),
		);
		const free = domains.filter((domain) => !taken.includes(domain));
		return free.length > 0 ? [this.#scene.random.pick(free)] : [];
	}

	async #step(): Promise<void> {
		const { random } = this.#scene;
		const team = random.pick(this.#scene.teams);
		await random.weighted<() => Promise<unknown> | unknown>(
			[8, () => this.#together(team)],
			[1, () => this.#run("preview", team, this.#weather())],
			[2, () => this.#run("refresh", team, this.#weather(), this.#kill())],
			[1.5, () => this.#run("destroy", team, this.#weather(), this.#kill())],
			[6, () => this.#edit(team)],
			[4, () => happenings.meddle(this.#scene)],
			[1, () => happenings.delegateElsewhere(this.#scene)],
			[0.5, () => happenings.dropZone(this.#scene)],
			[1, () => happenings.sicken(this.#scene)],
			[1, () => (this.#scene.inSes ? upsetSes(this.#scene) : happenings.upset(this.#scene))],
			[2, () => (this.#scene.inSes ? upsetSes(this.#scene) : happenings.use(this.#scene))],
			[1, () => this.#pass(random.integer(1, 3_600_000))],
		)();
		await this.#pass(2_000);
	}

	/** People edit their program, and mostly run it then. */
	async #edit(team: Team): Promise<void> {
		const zoneIds = this.#scene.zones.map(({ id }) => id);
		this.#scene.say(`${team.name} ${team.editSomehow(this.#freeDomains(), zoneIds)}`);
		if (this.#scene.random.chance(0.5)) await this.#together(team);
	}

	/** An `up`, and what else may happen while it runs. */
	async #together(team: Team): Promise<void> {
		const { random } = this.#scene;
		const runs = [this.#begin("up", team, this.#weather(), this.#kill())];
		const other = this.#scene.teams.find((each) => each !== team);
		if (other && random.chance(0.5)) runs.push(this.#begin("up", other, this.#weather(), this.#kill()));
		const meddling = random.chance(0.2)
			? this.#scene.clock.sleep(random.integer(1, 3_000)).then(() => happenings.meddle(this.#scene))
			: undefined;
		await this.#until(Promise.all([...runs, meddling]));
	}

	#weather(): Weather {
		const { random } = this.#scene;
		if (random.chance(0.5)) return { slowness: random.pick([2, 50]) };
		const some = () => (random.chance(0.4) ? random.pick([0.02, 0.1, 0.3]) : 0);
		return {
			refused: some(),
			busy: some(),
			"lost before": some(),
			"lost after": some(),
			"broken after": some(),
			late: some(),
			repeated: some(),
			silence: some() / 3,
			slowness: random.pick([2, 50, 2_000]),
			wrongAddress: random.chance(0.06),
			outageMs: random.chance(0.1) ? random.integer(1_000, 200_000) : 0,
			race: some(),
			denied: random.chance(0.1) ? 0.3 : 0,
		};
	}

	#kill(): Kill | undefined {
		const { random } = this.#scene;
		if (!random.chance(0.25)) return undefined;
		return {
			at: Math.ceil(200 ** random.next()),
			sent: random.chance(0.5),
			engineOnly: random.chance(0.4),
		};
	}

	/** Lets time pass. */
	async #pass(ms: number): Promise<void> {
		await this.#until(this.#scene.clock.sleep(ms));
	}

	/** Lets time pass until the work is done. @throws Error when it never will be */
	#until<T>(work: Promise<T>): Promise<T> {
		return this.#scene.clock.run(work, this.#scene.clock.now() + longestMs);
	}

	/** Runs the engine alone. */
	#run(...run: Begin): Promise<Outcome> {
		return this.#until(this.#begin(...run));
	}

	/** Begins a run of the engine, which needs time to pass. */
	async #begin(kind: Operation["kind"], team: Team, weather: Weather = {}, kill?: Kill): Promise<Outcome> {
		const operation: Operation = { kind, team, program: team.program };
		this.#scene.say(
			`${team.name}: ${kind}${kill ? ` (killed at ${JSON.stringify(kill)})` : ""} ${JSON.stringify(weather)} ${JSON.stringify(team.program)}`,
		);
		const watch = new Watch(this.#scene, operation, weather);
		const process = new SimulatedProcess(this.#scene.environment, this.#scene.random.fork(), {
			workspaceId: team.workspaceId,
			apiKey: team.apiKey,
			dnsServers: team.dnsServers,
			weather,
			kill,
			slots: this.#scene.random.pick([1, 8]),
			tell: this.#scene.tell,
			observer: watch,
		});
		for (const { adoptExisting, domainIdentity, route53 } of kind === "up" ? team.program : []) {
			const domain = canonicalName(domainIdentity);
			if (adoptExisting && !this.#isOfOthers(domain, team))
				for (const zone of this.#scene.zones) this.#scene.others.yieldTo(zone, domain);
			if (Object.values(resolveRoute53(route53 ?? {}).onConflict).includes("keep")) team.keepers.add(domain);
		}
		const options = {
			world: process.world,
			kill: process.killed,
			on: (event: DeploymentEvent) => watch.hear(event),
		};
		const outcome = await (kind === "up" || kind === "preview"
			? team.stack[kind](team.program, options)
			: team.stack[kind](options));
		process.end();
		operation.outcome = outcome;
		watch.judge(outcome);
		return outcome;
	}

	/** Whether a domain's identity is not ours, even where a setup has it: what stands of it in a zone is not ours either. */
	#isOfOthers(domain: string, { program }: Team): boolean {
		const isOurs = this.#scene.visible.some((each) => each.domain === domain);
		const twins = program.filter((each) => canonicalName(each.domainIdentity) === domain);
		// The second of two takes the setup of the first one over, with its records.
		if (twins.length > 1) return false;
		return this.#scene.inSes?.others.has(domain) === true && !isOurs;
	}

	/** Whatever has happened: once all is well, people bring everything in order with what they are told. */
	async #heal(): Promise<void> {
		this.#scene.say("from here on all is well");
		const { environment } = this.#scene;
		environment.internet.heal();
		environment.api.trouble = undefined;
		await this.#pass(90_000);
		// What one team takes down another may have kept as identical, and sees so in a refresh.
		for (const team of this.#scene.teams.length > 1
			? [...this.#scene.teams, ...this.#scene.teams]
			: this.#scene.teams) {
			for (let round = 1; ; round += 1) {
				const refresh = await this.#run("refresh", team);
				for (const { message } of refresh.failures) throw new Violation(`a refresh fails: ${message}`);
				const { failures } = await this.#run("up", team);
				if (failures.length === 0) break;
				if (round === 12) throw new Violation(`it does not heal: ${failures[0]?.message}`);
				for (const failure of failures) {
					const what = remedy(this.#scene, team, failure, round);
					if (what === undefined) throw new Violation(`nothing explains the failure: ${failure.message}`);
					this.#scene.say(what);
				}
				await this.#pass(negativeMs + 1_000);
			}
		}
	}

	/** Everything is as it is wanted, and stays so. */
	async #settled(): Promise<void> {
		for (const team of this.#scene.teams) {
			const writes = this.#scene.writes;
			const { steps, failures } = await this.#run("up", team);
			if (failures.length > 0) throw new Violation(`the second up fails: ${failures[0]?.message}`);
			if (steps.length > 0) throw new Violation(`the second up does: ${JSON.stringify(steps)}`);
			if (this.#scene.writes > writes) throw new Violation("the second up writes");
		}
		checkWanted(this.#scene);
	}

	/** All is taken down, and nothing is left but what is of others. */
	async #end(): Promise<void> {
		const { api } = this.#scene.environment;
		withdrawFromOthers(this.#scene);
		for (const team of this.#scene.teams) {
			const used = team.stack.resources.some(
				({ id, kind }) => kind === "SesSetup" && api.useCases.some(({ setupId }) => setupId === id),
			);
			if (used) {
				const { failures } = await this.#run("destroy", team);
				if (failures.length === 0) throw new Violation("a setup in use is destroyed");
				api.useCases.length = 0;
			}
			const { failures } = await this.#run("destroy", team);
			if (failures.length > 0) throw new Violation(`a destroy fails: ${failures[0]?.message}`);
			if (team.stack.resources.length > 0) throw new Violation("a destroy leaves something in the state");
		}
		checkNothingLeft(this.#scene);
	}
}

type Begin = [kind: Operation["kind"], team: Team, weather?: Weather, kill?: Kill];
