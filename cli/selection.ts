import type { Command } from "commander";
import { canonicalName, domainProblem } from "../dns/index.js";
import { argumentProblems } from "../provider/arguments/checks.js";
import { unknownValue } from "../provider/arguments/unknown.js";
import type { World } from "../provider/core/world.js";
import { NotFoundError, type SesSetupDetailResponse, type SesSetupListItemResponse } from "../sdk/index.js";
import { exitCodes, Failure, usageError } from "./command-failure.js";

export interface SelectionOptions {
	setup?: string[];
	domain?: string[];
	all?: true;
}

/** Which setups a command is about. */
export type Selection = { setups: string[]; domains: string[] } | "all";

/** Of an option that may be given several times. */
export const collect = (value: string, earlier: string[] = []) => [...earlier, value];

/** @param several whether the command takes more than one setup */
export function addSelectionOptions(command: Command, { several }: { several: boolean }): Command {
	const again = several ? "; may be given several times" : "";
	command
		.option("--domain <name>", `the setup of this domain${again}`, collect)
		.option("--setup <uuid>", `the setup with this id${again}`, collect);
	return several ? command.option("--all", "every setup of the workspace") : command;
}

/** @throws Failure naming the option and the right form */
export function readSelection(options: SelectionOptions, { several }: { several: boolean }): Selection {
	const { setup: setups = [], domain: domains = [], all } = options;
	const count = setups.length + domains.length;
	const choices = several ? "--domain NAME, --setup UUID or --all" : "--domain NAME or --setup UUID";
	if (count === 0 && !all) throw usageError(`give ${choices}`);
	if (all && count > 0) throw usageError(`--all stands alone: give ${choices}`);
	if (!several && count > 1) throw usageError(`takes one setup: give ${choices}, once`);
	if (all) return "all";
	for (const domain of domains) refuseNoDomain(domain);
	for (const setupId of setups) {
		const [problem] = argumentProblems("Verification", { setupId, dnsRecords: unknownValue });
		if (problem) throw usageError(`--setup ${problem.reason}`);
	}
	return { setups, domains: domains.map(canonicalName) };
}

/** @throws Failure saying what is wrong with it */
export function refuseNoDomain(domain: string): void {
	const problem = domainProblem(canonicalName(domain));
	if (problem) throw usageError(`--domain ${problem}`);
}

/** How many setups are read at the same time: each reading looks its records up. */
const atOnce = 4;

/** Reads the selected setups live, those of a whole workspace by domain. @throws Failure when one is not there */
export async function readSetups(world: World, selection: Selection): Promise<SesSetupDetailResponse[]> {
	const ids = await findIds(world, selection);
	const progress = world.progress;
	const setups: SesSetupDetailResponse[] = [];
	for (let begin = 0; begin < ids.length; begin += atOnce) {
		progress.show(`reading setups (${begin} of ${ids.length})`);
		const batch = ids.slice(begin, begin + atOnce);
		setups.push(...(await Promise.all(batch.map((id) => readSetup(world, id)))));
	}
	return setups;
}

async function findIds(world: World, selection: Selection): Promise<string[]> {
	if (selection !== "all" && selection.domains.length === 0) return selection.setups;
	world.progress.show("listing the setups of the workspace");
	const items: SesSetupListItemResponse[] = [];
	for await (const item of world.channels.sesSetups.list({ signal: world.stop })) items.push(item);
	if (selection === "all") {
		return items.sort((a, b) => (a.domain_identity < b.domain_identity ? -1 : 1)).map(({ id }) => id);
	}
	const found = selection.domains.map((domain) => {
		const item = items.find(({ domain_identity }) => canonicalName(domain_identity) === domain);
		if (!item) throw noSetup(world, domain, items);
		return item.id;
	});
	return [...new Set([...selection.setups, ...found])];
}

async function readSetup(world: World, id: string): Promise<SesSetupDetailResponse> {
	try {
		return (await world.channels.sesSetups.get(id, { signal: world.stop })).data;
	} catch (error) {
		if (!(error instanceof NotFoundError) || !error.fromApi) throw error;
		throw new Failure(
			"setup-not-found",
			`workspace ${world.workspaceId} has no setup ${id}. \`channels doctor --all\` shows what it has.`,
			exitCodes.problem,
			{ cause: error },
		);
	}
}

const shownAtMost = 5;

function noSetup(world: World, domain: string, items: SesSetupListItemResponse[]): Failure {
	const others = items.slice(0, shownAtMost).map(({ domain_identity }) => domain_identity);
	const more = items.length > others.length ? ` and ${items.length - others.length} more` : "";
	return new Failure(
		"setup-not-found",
		`workspace ${world.workspaceId} has no setup of the domain ${domain}. ` +
			(others.length > 0 ? `It has ${others.join(", ")}${more}.` : "It has none at all.") +
			" Is it another workspace's (--workspace)?",
		exitCodes.problem,
	);
}
