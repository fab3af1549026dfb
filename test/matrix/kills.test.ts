/**
 * A `kill -9` at every remote call of every command, on the real CLI: nothing else has its locks, its pending
 * operations and its processes. The sandbox holds the call until those that are to die are dead.
 *
 * @module-tag all
 */
import { afterAll, describe, expect, test } from "vitest";
import { sendSignal } from "../../sandbox/engine/process.js";
import type { FaultMoment } from "../../sandbox/index.js";
import { Hold } from "../support/hold.js";
import type { CommandResult, Project } from "../support/project.js";
import { type ProcessInfo, type RunningCommand, waitForExit } from "../support/running-command.js";
import { oneSetup } from "../support/scene.js";
import type { Stage } from "../support/stage.js";
import { type Command, commands } from "./commands.js";
import { closeLanes, onLane, partner, role, secretsOf } from "./lanes.js";
import { Neighbourhood, type Wanted } from "./neighbourhood.js";
import { sampled, showReplay, whole } from "./sample.js";
import type { Api, StandingSetup } from "./setups.js";

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
const changes = (call: string) =>
	/^channels (POST|DELETE)|ChangeResourceRecordSets|^sesv2 (Create|Delete|Put|Tag|Untag)/.test(call);

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
	readonly #outputs: string[] = [];

	private constructor(
		readonly place: Neighbourhood,
		readonly project: Project,
		readonly at: Command,
	) {}

	static async make(stage: Stage, name: string, at: Command): Promise<Scene> {
		const { api = "remote" } = at;
		// As the stage's service has it.
		const config = api === "embedded" ? { "channels:mailFrom": "bounce" } : {};
		const place = new Neighbourhood(stage, name, partner.id, api);
		if (at.adopts) place.makeByHand();
		const scene = new Scene(place, await stage.project({ api, config }), at);
		if (at.before) {
			scene.place.delegate(at.before.zone ?? "second");
			await scene.write(at.before);
			await scene.run("up");
		}
		scene.place.delegate("second");
		await scene.write(at.now);
		stage.sandbox.log.clear();
		return scene;
	}

	#wanted({ tenant, ...rest }: Partial<Wanted>) {
		const { name } = this.place;
		return { zone: "second", ttl: 300, ...rest, tenant: tenant ? `${name}-${tenant}` : name } as const;
	}

	async write(partly: Partial<Wanted>, more = ""): Promise<void> {
		const { zone = "second", ttl, tenant } = this.#wanted(partly);
		const { name, zones } = this.place;
		// What is not there yet finds its zone by itself.
		const { zoneId } = this.at.before ? { zoneId: zones[zone].id } : {};
		const route53 = `route53: ${JSON.stringify({ zoneId, ttl, roleArn: role.arn, externalId: role.externalId })}`;
		const adoption = this.at.adopts ? "adoptExisting: true," : "";
		const program = oneSetup(name, `${route53}, waitForVerification: true, ${adoption} ${more}`);
		await this.project.replaceProgram(program.replace(`tenantName: "${name}"`, `tenantName: "${tenant}"`));
	}

	async run(command: Command["command"], options?: { expectFailure: true }): Promise<CommandResult> {
		const result = await this.project[command](options);
		this.#outputs.push(result.all);
		return result;
	}

	async start(): Promise<RunningCommand> {
		return this.project.start([this.at.command, "--yes", "--skip-preview"]);
	}

	/** The setups of the domain that no state has. */
	async orphans(): Promise<StandingSetup[]> {
		const known = (await this.project.resources()).map(({ id }) => id);
		return (await this.place.setups()).filter(({ id }) => !known.includes(id));
	}

	expectWanted(): Promise<void> {
		return this.place.expectWanted(this.#wanted(this.at.now));
	}

	async expectNoSecrets(more: string): Promise<void> {
		const told = [...this.#outputs, more, await this.project.stateText()].join("\n");
		for (const secret of secretsOf(this.place.stage)) expect(told.includes(secret)).toBe(false);
	}
}

/** Runs the command until it is at the call, kills, and returns once all its processes have ended. */
async function killAt({ call, nth, when, victims: who }: Kill, scene: Scene): Promise<string> {
	const { faults } = scene.place.stage.sandbox;
	const [service = "", operation] = call.split(/ (.*)/);
	// What SES and the service look up is not the provider's.
	const match = (input: unknown) => service !== "dns" || (input as { face: string }).face === "authoritative";
	const at = { service, ...(operation && { operation }), match, from: nth };
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

afterAll(closeLanes);

describe.concurrent("kill -9", () => {
	for (const kill of sampled("kills on the real CLI", kills, 1)) {
		test(kill.name, ({ onTestFailed }) => {
			onTestFailed(() => showReplay(kill.name));
			return onLane(async ({ stage }, name) => {
				const scene = await Scene.make(stage, name, kill.command);
				const output = await killAt(kill, scene);

				// What is half-made is finished by the next run, and what was to be taken in is.
				const { api, adopts } = kill.command;
				const orphans = (await scene.orphans()).filter(({ tenant }) => tenant !== undefined && !adopts);
				if (orphans.length > 0) {
					// By nature: what is made, and not recorded, cannot be told from somebody else's.
					expect(`${kill.victims}: ${kill.call} ${kill.when}, number ${kill.nth}`).toMatch(
						api === "embedded"
							? /CreateTenantResourceAssociation after/
							: /^(all its processes|the provider alone): channels POST ses-setup after|dns TXT|ListResourceRecordSets before, number [24]/,
					);
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
				await scene.place.expectNothing();
				await scene.expectNoSecrets(output);
			}, kill.command.api);
		});
	}
});

describe.runIf(whole).concurrent("a kill is tried at every call of", () => {
	test.for(Object.entries(commands))("%s", ([, { api = "remote", command, calls, ...rest }]) =>
		onLane(async ({ stage }, name) => {
			const scene = await Scene.make(stage, name, { api, command, calls, ...rest });
			await scene.run(command);
			const counts = new Map<string, number>();
			for (const { service, operation } of stage.sandbox.log.all()) {
				const call = `${service} ${operation}`;
				if (isTried[api](call)) counts.set(call, (counts.get(call) ?? 0) + 1);
			}
			expect([...counts.keys()].sort()).toEqual(
				Object.keys(calls)
					.filter((call) => !call.startsWith("dns"))
					.sort(),
			);
			for (const [call, times] of counts) expect(calls[call], call).toBeLessThanOrEqual(times);
		}, api),
	);
});

/** What SES and the service look up, nobody can tell from what the provider does. */
const isTried: Readonly<Record<Api, (call: string) => boolean>> = {
	remote: (call) => /^(channels|route53) |AssumeRole$/.test(call),
	embedded: (call) => /^sesv2 |GetCallerIdentity$/.test(call),
};
