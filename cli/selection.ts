import type { Command } from "commander";
import { canonicalName, domainProblem } from "../dns/index.js";
import { argumentProblems } from "../provider/arguments/checks.js";
import { unknownValue } from "../provider/arguments/unknown.js";
import { homeInWords } from "../provider/core/channels/place.js";
import type { Setup, SetupRef } from "../provider/core/channels/setup.js";
import type { World } from "../provider/core/world.js";
import type { SesSetupListItemResponse } from "../sdk/index.js";
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
	return several
		? command.option("--all", "every setup; with --api embedded of the AWS account and region")
		: command;
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
export async function readSetups(world: World, selection: Selection): Promise<Setup[]> {
	const refs = await findRefs(world, selection);
	const progress = world.progress;
	const setups: Setup[] = [];
	for (let begin = 0; begin < refs.length; begin += atOnce) {
		progress.show(`reading setups (${begin} of ${refs.length})`);
		const batch = refs.slice(begin, begin + atOnce);
		setups.push(...(await Promise.all(batch.map((ref) => readSetup(world, ref)))));
	}
	return setups;
}

async function findRefs(world: World, selection: Selection): Promise<SetupRef[]> {
	if (selection === "all") {
		const items = await listed(world);
		return items.sort((a, b) => (a.domain_identity < b.domain_identity ? -1 : 1)).map(refOfItem);
	}
	const { setups, domains } = selection;
	const found = domains.length === 0 ? [] : await ofDomains(world, domains);
	// What is known of a setup by its domain saves a search for it by its id.
	const all: SetupRef[] = [...found, ...setups.map((id) => ({ id }))];
	return all.filter(({ id }, index) => all.findIndex((each) => each.id === id) === index);
}

async function ofDomains(world: World, domains: readonly string[]): Promise<SetupRef[]> {
	const { channels } = world;
	const ofDomain = channels.ofDomain?.bind(channels);
	if (ofDomain) return Promise.all(domains.map((domain) => ofDomain(world, domain)));
	const items = await listed(world);
	const { workspaceId } = await channels.home(world);
	return domains.map((domain) => {
		const item = items.find(({ domain_identity }) => canonicalName(domain_identity) === domain);
		if (!item) throw noSetup(workspaceId, domain, items);
		return refOfItem(item);
	});
}

async function listed(world: World): Promise<SesSetupListItemResponse[]> {
	world.progress.show("listing the setups");
	const items: SesSetupListItemResponse[] = [];
	for await (const item of world.channels.list(world)) items.push(item);
	return items;
}

async function readSetup(world: World, ref: SetupRef): Promise<Setup> {
	const setup = await world.channels.read(world, ref);
	if (setup) return setup;
	const home = await world.channels.home(world);
	throw new Failure(
		"setup-not-found",
		`${homeInWords(home)} has no setup ${ref.id}${home.account === undefined ? "" : ", or only a part of it"}. ` +
			"`channels doctor --all` shows what it has.",
		exitCodes.problem,
	);
}

const refOfItem = ({ id, tenant_name, domain_identity }: SesSetupListItemResponse): SetupRef => ({
	id,
	tenant: tenant_name,
	domain: canonicalName(domain_identity),
});

export const refOfSetup = (setup: Setup): SetupRef => ({
	...refOfItem({ ...setup, dns_verified: false }),
	...setup.home,
	records: setup.dns_records,
});

const shownAtMost = 5;

function noSetup(workspaceId: string, domain: string, items: SesSetupListItemResponse[]): Failure {
	const others = items.slice(0, shownAtMost).map(({ domain_identity }) => domain_identity);
	const more = items.length > others.length ? ` and ${items.length - others.length} more` : "";
	return new Failure(
		"setup-not-found",
		`workspace ${workspaceId} has no setup of the domain ${domain}. ` +
			(others.length > 0 ? `It has ${others.join(", ")}${more}.` : "It has none at all.") +
			" Is it another workspace's (--workspace)?",
		exitCodes.problem,
	);
}
