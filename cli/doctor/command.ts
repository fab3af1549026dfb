import { Command } from "commander";
import type { Route53Inputs } from "../../provider/core/inputs.js";
import type { World } from "../../provider/core/world.js";
import { exitCodes } from "../command-failure.js";
import { addConnectionOptions, addMxOption, type ConnectionOptions, withWorld } from "../connect.js";
import {
	addRoute53Options,
	type Route53Options,
	readRoute53,
	requireWith,
	route53Of,
} from "../route53-options.js";
import {
	addSelectionOptions,
	readSelection,
	readSetups,
	type Selection,
	type SelectionOptions,
} from "../selection.js";
import { jsonLines, type Terminal } from "../terminal.js";
import { type Examination, examine } from "./examine.js";
import { overallState } from "./judgement.js";
import { report } from "./report.js";
import { screen } from "./screen.js";

interface DoctorOptions extends ConnectionOptions, SelectionOptions, Route53Options {
	route53?: true;
	json?: true;
}

const exitCodeOf = {
	verified: exitCodes.ok,
	pending: exitCodes.problem,
	failing: exitCodes.problem,
	unknown: exitCodes.unavailable,
} as const;

/** `channels doctor`: why a domain is not verified, and what to do. It changes nothing. */
export function doctorCommand(edge: Terminal, exit: (code: number) => void): Command {
	const command = new Command("doctor")
		.description("say of each record what every authoritative name server has, what is wrong, and what to do")
		.addHelpText("after", explanation);
	addSelectionOptions(command, { several: true })
		.option("--json", "print one JSON document instead")
		.option("--route53", "look into Route 53 too: is its zone the one that is live?");
	addRoute53Options(command, ["zoneId", "region", "profile", "roleArn", "externalId"]);
	return addMxOption(addConnectionOptions(command)).action(async (options: DoctorOptions) => {
		const selection = readSelection(options, { several: true });
		requireWith("--route53", options.route53, route53Of(options));
		const route53 = options.route53 && readRoute53(route53Of(options));
		await withWorld(edge, options, async (world) => {
			const examinations = await examineAll(world, selection, route53);
			edge.status("");
			const home = await world.channels.home(world);
			edge.out(
				options.json
					? jsonLines(report(examinations, { home, now: edge.now() }))
					: screen(examinations, home),
			);
			exit(exitCodeOf[overallState(examinations)]);
		});
	});
}

const explanation = `
Exit code 0: all is verified. 1: something is not. 3: not all is verified, and the name servers did not answer.
`;

const atOnce = 4;

async function examineAll(
	world: World,
	selection: Selection,
	route53: Route53Inputs | undefined,
): Promise<Examination[]> {
	const setups = await readSetups(world, selection);
	const examinations: Examination[] = [];
	for (let begin = 0; begin < setups.length; begin += atOnce) {
		const batch = setups.slice(begin, begin + atOnce);
		examinations.push(...(await Promise.all(batch.map((setup) => examine(world, setup, route53)))));
	}
	return examinations;
}
