/**
 * A `kill -9` at every remote call of every command, on the real CLI: nothing else has its locks, its pending
 * operations and its processes. The sandbox holds the call until those that are to die are dead.
 */
import { afterAll, describe, expect, test } from "vitest";
import { sendSignal } from "../../sandbox/engine/process.js";
import { defaultAccount, type FaultMoment } from "../../sandbox/index.js";
import { ChannelsClient, type SesSetupDetailResponse } from "../../sdk/index.js";
import { Hold } from "../support/hold.js";
import type { CommandResult, Project } from "../support/project.js";
import { type ProcessInfo, type RunningCommand, waitForExit } from "../support/running-command.js";
import { oneSetup } from "../support/scene.js";
import { type Stage, startStage } from "../support/stage.js";
import { populatedZone, standing, wanted } from "./neighbourhood.js";
import { sampled, showReplay, whole } from "./sample.js";

/** Two zones of one name; the internet asks the second. */
interface Place {
	readonly name: string;
	readonly first: string;
	readonly second: string;
}

interface Wanted {
	readonly zone: "first" | "second";
	readonly tenant: string;
	readonly ttl: number;
}

interface Command {
	readonly command: "up" | "refresh" | "destroy";
	/** What an `up` has brought about before; undefined: nothing. */
	readonly before: Partial<Wanted> | undefined;
	/** What is wanted from now on, as far as it differs. */
	readonly now: Partial<Wanted>;
	/** What it calls, and how often at least. */
	readonly calls: Readonly<Record<string, number>>;
}

const waiting = { "route53 GetChange": 1, "dns MX": 1, "channels POST ses-setup/{id}/verify": 1 };
const looking = { "route53 GetHostedZone": 1, "dns NS": 1 };

const commands: Readonly<Record<string, Command>> = {
	"the up that creates": {
		command: "up",
		before: undefined,
		now: {},
		calls: {
			...looking,
			"dns CNAME": 1,
			"route53 ListResourceRecordSets": 2,
			"channels POST ses-setup": 1,
			"dns TXT": 1,
			"route53 ChangeResourceRecordSets": 1,
			...waiting,
		},
	},
	"an up with another TTL": {
		command: "up",
		before: {},
		now: { ttl: 600 },
		calls: { "route53 ListResourceRecordSets": 1, "route53 ChangeResourceRecordSets": 1 },
	},
	"an up with another zone": {
		command: "up",
		before: { zone: "first" },
		now: {},
		calls: {
			...looking,
			"route53 ListResourceRecordSets": 3,
			"dns TXT": 1,
			"route53 ChangeResourceRecordSets": 2,
			...waiting,
		},
	},
	"an up with another tenant": {
		command: "up",
		before: {},
		now: { tenant: "renamed" },
		calls: {
			...looking,
			"channels GET ses-setup": 1,
			"route53 ListResourceRecordSets": 4,
			"channels GET use-cases": 1,
			"route53 ChangeResourceRecordSets": 2,
			"channels DELETE ses-setup/{id}": 1,
			"dns CNAME": 1,
			"channels POST ses-setup": 1,
			"dns TXT": 1,
			...waiting,
		},
	},
	"a refresh": {
		command: "refresh",
		before: {},
		now: {},
		calls: { "channels GET ses-setup/{id}": 1, "route53 ListResourceRecordSets": 1 },
	},
	"a destroy": {
		command: "destroy",
		before: {},
		now: {},
		calls: {
			"channels GET use-cases": 1,
			"route53 ListResourceRecordSets": 1,
			"route53 ChangeResourceRecordSets": 1,
			"channels DELETE ses-setup/{id}": 1,
			"dns CNAME": 1,
		},
	},
};

/** Whose death it is, and what there is to do before the next command. */
const victims = {
	"all its processes": { are: () => true, locks: true },
	"the CLI alone": { are: ({ pid }: ProcessInfo, cli: number) => pid === cli, locks: true },
	"the provider alone": {
		are: ({ command }: ProcessInfo) => command.includes("dynamic-provider"),
		locks: false,
	},
} as const;

type Victims = keyof typeof victims;

interface Kill {
	readonly name: string;
	readonly always: boolean;
	readonly command: Command;
	readonly call: string;
	readonly nth: number;
	readonly when: FaultMoment;
	readonly victims: Victims;
}

/** Whether it matters that the work was done before the caller died. */
const changes = (call: string) => /^channels (POST|DELETE)|ChangeResourceRecordSets/.test(call);

const kills: Kill[] = Object.entries(commands).flatMap(([title, command]) =>
	Object.entries(command.calls).flatMap(([call, times]) =>
		Array.from({ length: times }, (_, index) => index + 1).flatMap((nth) =>
			(changes(call) ? (["before", "after"] as const) : (["before"] as const)).flatMap((when) =>
				(Object.keys(victims) as Victims[]).map((victim) => ({
					name: `${title}: ${victim}, ${when} the work of ${call}${nth > 1 ? `, number ${nth}` : ""}`,
					// What no other test shows.
					always:
						title === "the up that creates" &&
						victim === "all its processes" &&
						when === "after" &&
						/POST ses-setup$|ChangeResourceRecordSets/.test(call),
					command,
					call,
					nth,
					when,
					victims: victim,
				})),
			),
		),
	),
);

class Scene {
	readonly place: Place;
	readonly tenants: readonly string[];
	readonly #outputs: string[] = [];

	private constructor(
		readonly stage: Stage,
		readonly project: Project,
		readonly name: string,
		readonly at: Command,
		zones: Omit<Place, "name">,
	) {
		this.place = { name, ...zones };
		this.tenants = [name, `${name}-renamed`];
	}

	static async make(stage: Stage, name: string, at: Command): Promise<Scene> {
		const { sandbox } = stage;
		const first = populatedZone(sandbox.route53, name);
		const second = populatedZone(sandbox.route53, name);
		const project = await stage.project();
		const scene = new Scene(stage, project, name, at, { first: first.id, second: second.id });
		sandbox.dns.delegate(`${name}.test`, (at.before?.zone === "first" ? first : second).nameServers);
		if (at.before) {
			await scene.write(at.before);
			await scene.run("up");
		}
		sandbox.dns.delegate(`${name}.test`, second.nameServers);
		await scene.write(at.now);
		sandbox.log.clear();
		return scene;
	}

	get wanted(): Wanted {
		return this.#wanted(this.at.now);
	}

	#wanted(partly: Partial<Wanted>): Wanted {
		const tenant = partly.tenant ? `${this.name}-${partly.tenant}` : this.name;
		return { zone: "second", ttl: 300, ...partly, tenant };
	}

	async write(partly: Partial<Wanted>, more = ""): Promise<void> {
		const { zone, ttl, tenant } = this.#wanted(partly);
		const route53 = `route53: { zoneId: "${this.place[zone]}", ttl: ${ttl} }`;
		const program = oneSetup(this.name, `${route53}, waitForVerification: true, ${more}`);
		await this.project.replaceProgram(
			program.replace(`tenantName: "${this.name}"`, `tenantName: "${tenant}"`),
		);
	}

	async run(command: Command["command"], options?: { expectFailure: true }): Promise<CommandResult> {
		const result = await this.project[command](options);
		this.#outputs.push(result.all);
		return result;
	}

	async start(): Promise<RunningCommand> {
		return this.project.start([this.at.command, "--yes", "--skip-preview"]);
	}

	/** The setups that the API has of this scene. */
	async setups(): Promise<SesSetupDetailResponse[]> {
		const { url: baseUrl, apiKey, workspaceId } = this.stage.service;
		await using client = new ChannelsClient({ apiKey, workspaceId, baseUrl });
		const setups: SesSetupDetailResponse[] = [];
		for await (const { id, tenant_name } of client.sesSetups.list()) {
			if (this.tenants.includes(tenant_name)) setups.push((await client.sesSetups.get(id)).data);
		}
		return setups;
	}

	/** Those of them that no state has. */
	async orphans(): Promise<SesSetupDetailResponse[]> {
		const known = (await this.project.resources()).map(({ id }) => id);
		return (await this.setups()).filter(({ id }) => !known.includes(id));
	}

	async expectWanted(): Promise<void> {
		const setups = await this.setups();
		const { tenant, zone, ttl } = this.wanted;
		expect(setups.map(({ tenant_name, domain_identity }) => [tenant_name, domain_identity])).toEqual([
			[tenant, `mail.${this.name}.test`],
		]);
		const { route53 } = this.stage.sandbox;
		const records = setups.flatMap(({ dns_records }) => dns_records);
		for (const each of ["first", "second"] as const)
			expect(standing(route53, this.place[each])).toEqual(
				wanted(this.name, each === zone ? records : [], ttl),
			);
	}

	async expectNothing(): Promise<void> {
		const { route53, ses } = this.stage.sandbox;
		expect(await this.setups()).toEqual([]);
		expect(ses.tenants().filter(({ name }) => this.tenants.includes(name))).toEqual([]);
		expect(ses.identities().filter(({ name }) => name === `mail.${this.name}.test`)).toEqual([]);
		for (const id of [this.place.first, this.place.second])
			expect(standing(route53, id)).toEqual(wanted(this.name, []));
	}

	async expectNoSecrets(more: string): Promise<void> {
		const told = [...this.#outputs, more, await this.project.stateText()].join("\n");
		for (const secret of [this.stage.service.apiKey, defaultAccount.secretAccessKey])
			expect(told.includes(secret)).toBe(false);
	}
}

/** Runs the command until it is at the call, kills, and returns once all its processes have ended. */
async function killAt({ call, nth, when, victims: who }: Kill, scene: Scene): Promise<string> {
	const { faults } = scene.stage.sandbox;
	const [service = "", operation] = call.split(/ (.*)/);
	const at = { service, ...(operation && { operation }), from: nth };
	using hold = new Hold(faults, at, when);
	// Of a caller who has died, and whose request nobody has got.
	const lost = when === "before" && who !== "the CLI alone";
	const drop = lost ? faults.add({ ...at, effect: { kind: "drop", when } }) : () => {};
	const running = await scene.start();
	await Promise.race([
		hold.reached,
		running.result.then(() => {
			throw new Error(`It ended without ${call} (${nth}):\n${running.output()}`);
		}),
	]);
	const tree = await running.processTree();
	const dying = tree.filter((each) => victims[who].are(each, running.pid));
	expect(dying.length).toBeGreaterThan(0);
	for (const { pid } of dying) sendSignal(pid, "SIGKILL");
	await waitForExit(dying);
	hold.lift();
	drop();
	await running.result;
	await waitForExit(tree, 30_000);
	if (victims[who].locks) await scene.project.cancel();
	return running.output();
}

/** Stages that no case uses at the moment: each needs a log and faults of its own. */
const idle: Stage[] = [];
let scenes = 0;

afterAll(() => Promise.all(idle.map((stage) => stage[Symbol.asyncDispose]())));

async function onStage(work: (stage: Stage, name: string) => Promise<void>): Promise<void> {
	const stage = idle.pop() ?? (await startStage());
	try {
		scenes += 1;
		await work(stage, `kill${scenes}`);
	} finally {
		stage.sandbox.faults.clear();
		idle.push(stage);
	}
}

describe.concurrent("kill -9", () => {
	for (const kill of sampled("kills on the real CLI", kills, 1)) {
		test(kill.name, ({ onTestFailed }) => {
			onTestFailed(() => showReplay(kill.name));
			return onStage(async (stage, name) => {
				const scene = await Scene.make(stage, name, kill.command);
				const output = await killAt(kill, scene);

				const orphans = await scene.orphans();
				if (orphans.length > 0) {
					// By nature: what is made, and not recorded, cannot be told from somebody else's.
					expect(`${kill.call} ${kill.when}`).toMatch(/^channels POST ses-setup after|^dns TXT/);
					const refused = await scene.run("up", { expectFailure: true });
					expect(refused.all).toContain(orphans[0]?.id);
					expect(refused.all).toContain("adoptExisting: true");
					await scene.write(kill.command.now, "adoptExisting: true");
				}
				if (kill.command.command !== "destroy") {
					await scene.run("up");
					await scene.expectWanted();
				}
				await scene.run("destroy");
				await scene.expectNothing();
				await scene.expectNoSecrets(output);
			});
		});
	}
});

describe.runIf(whole).concurrent("a kill is tried at every call of", () => {
	test.for(Object.entries(commands))("%s", ([, command]) =>
		onStage(async (stage, name) => {
			const scene = await Scene.make(stage, name, command);
			await scene.run(command.command);
			const counts = new Map<string, number>();
			for (const { service, operation } of stage.sandbox.log.all()) {
				const call = `${service} ${operation}`;
				// What SES and the service look up, nobody can tell from what the provider does.
				if (service === "channels" || service === "route53") counts.set(call, (counts.get(call) ?? 0) + 1);
			}
			expect([...counts.keys()].sort()).toEqual(
				Object.keys(command.calls)
					.filter((call) => !call.startsWith("dns"))
					.sort(),
			);
			for (const [call, times] of counts) expect(command.calls[call], call).toBeLessThanOrEqual(times);
		}),
	);
});
