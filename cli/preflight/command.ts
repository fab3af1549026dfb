import { Command } from "commander";
import { canonicalName } from "../../dns/index.js";
import { argumentProblems } from "../../provider/arguments/checks.js";
import { purposeOfWait } from "../../provider/arguments/record-kinds.js";
import { unknownValue } from "../../provider/arguments/unknown.js";
import { resolveRoute53 } from "../../provider/core/inputs.js";
import { exitCodes, usageError } from "../command-failure.js";
import {
	addConnectionOptions,
	apiOptionsOf,
	type ConnectionOptions,
	dnsWorld,
	withWorld,
} from "../connect.js";
import {
	addRoute53Options,
	type Route53Options,
	readRoute53,
	requireWith,
	route53Of,
} from "../route53-options.js";
import { collect, refuseNoDomain } from "../selection.js";
import { jsonLines, type Terminal } from "../terminal.js";
import { purposes, readWait, requireServed } from "../wait-options.js";
import { type Foresight, foresee, foreseeNames, overallState, type Plans } from "./foresee.js";
import { report } from "./report.js";
import { screen } from "./screen.js";

interface PreflightOptions extends ConnectionOptions, Route53Options {
	domain?: string[];
	tenant?: string;
	adoptExisting?: true;
	wait?: true;
	purpose?: string;
	json?: true;
}

const exitCodeOf = {
	clear: exitCodes.ok,
	blocked: exitCodes.problem,
	unknown: exitCodes.unavailable,
} as const;

/** `channels preflight`: what a `SesSetup` with `route53` would meet, before there is one. It changes nothing. */
export function preflightCommand(edge: Terminal, exit: (code: number) => void): Command {
	const command = new Command("preflight")
		.description("say what `pulumi up` would meet at a new domain in Route 53, and register nothing")
		.addHelpText("after", explanation)
		.option("--domain <name>", "the domain to be; may be given several times", collect)
		.option("--tenant <name>", "ask the API too whether tenant and domain can be had")
		.option("--adopt-existing", "the program has `adoptExisting`")
		.option("--json", "print one JSON document instead");
	addRoute53Options(command, [
		...(["zoneId", "records", "onConflict", "delegationCheck"] as const),
		...(["region", "profile", "roleArn", "externalId"] as const),
	])
		.option("--wait", "the program has `waitForVerification`")
		.option("--purpose <purpose>", `waitForVerification: ${purposes}`);
	return addConnectionOptions(command).action(async (options: PreflightOptions) => {
		const { domains, tenant, plans } = readProgram(options);
		const foresights: Foresight[] =
			tenant === undefined
				? await foreseeAll(edge, options, domains, plans)
				: [
						await withWorld(edge, options, async (world) => {
							const [domain = ""] = domains;
							const workspace = await foreseeNames(world, { tenant, domain }, options.adoptExisting ?? false);
							return foresee(world, domain, plans, workspace);
						}),
					];
		edge.status("");
		edge.out(options.json ? jsonLines(report(foresights, edge.now())) : screen(foresights));
		exit(exitCodeOf[overallState(foresights)]);
	});
}

const explanation = `
The options describe the program that is to come. Without --tenant the API is not asked, and no key is read.

Exit code 0: nothing is in the way. 1: something is. 3: nothing is known to be, and not all could be asked.
`;

interface Program {
	domains: string[];
	tenant: string | undefined;
	plans: Plans;
}

/** @throws Failure naming the option and the right form */
function readProgram(options: PreflightOptions): Program {
	const { tenant, adoptExisting, wait, purpose } = options;
	const domains = [...new Set((options.domain ?? []).map(canonicalName))];
	const [domain, ...more] = domains;
	if (domain === undefined) throw usageError("give --domain NAME");
	for (const each of domains) refuseNoDomain(each);
	const asked = { adoptExisting, ...apiOptionsOf(options) };
	requireWith("--tenant", tenant === undefined ? undefined : true, asked);
	if (tenant !== undefined) {
		if (more.length > 0) throw usageError("--tenant is that of one domain: give --domain NAME once");
		const [problem] = argumentProblems("SesSetup", { tenantName: tenant, domainIdentity: unknownValue });
		if (problem) throw usageError(`--tenant ${problem.reason}`);
	}
	requireWith("--wait", wait, { purpose });
	const route53 = readRoute53(route53Of(options));
	const waited = wait && readWait({ purpose });
	requireServed(route53, waited);
	const waitPurpose = waited && purposeOfWait(waited.purpose, route53);
	return { domains, tenant, plans: { route53: resolveRoute53(route53), waitPurpose } };
}

/** One after the other: as a rule their zone is the same, and what is known of it is kept. */
async function foreseeAll(
	edge: Terminal,
	options: PreflightOptions,
	domains: readonly string[],
	plans: Plans,
): Promise<Foresight[]> {
	const world = dnsWorld(edge, options);
	const foresights: Foresight[] = [];
	for (const domain of domains) foresights.push(await foresee(world, domain, plans));
	return foresights;
}
