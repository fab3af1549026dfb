import { Command } from "commander";
import { shown } from "../../dns/index.js";
import { argumentProblems } from "../../provider/arguments/checks.js";
import { defaults } from "../../provider/arguments/description.js";
import { homeInWords } from "../../provider/core/channels/place.js";
import type { Setup } from "../../provider/core/channels/setup.js";
import { lines, told, UserError } from "../../provider/core/errors.js";
import type { World } from "../../provider/core/world.js";
import { exitCodes, Failure, usageError } from "../command-failure.js";
import { addConnectionOptions, addMxOption, type ConnectionOptions, withWorld } from "../connect.js";
import {
	addRoute53Options,
	allRoute53Fields,
	type Route53Options,
	readRoute53,
	requireWith,
	route53Of,
} from "../route53-options.js";
import { addSelectionOptions, readSelection, readSetups, type SelectionOptions } from "../selection.js";
import { jsonLines, type Terminal } from "../terminal.js";
import { purposes, readWait, requireServed } from "../wait-options.js";
import { importCommand, notes, programText } from "./advice.js";
import { type Belonging, importFile } from "./file.js";
import { type TakenSetup, takeSetup, type Wanted } from "./resources.js";

interface ImportFileOptions extends ConnectionOptions, SelectionOptions, Route53Options {
	name?: string;
	route53?: true;
	keepRecords?: true;
	wait?: true;
	timeout?: string;
	purpose?: string;
	parent?: string;
	provider?: string;
	out?: string;
}

/** `channels import-file`: takes setups that exist into a stack, without a change anywhere. */
export function importFileCommand(edge: Terminal): Command {
	const command = new Command("import-file")
		.description("write a file for `pulumi import --file` that takes setups and their records into a stack")
		.addHelpText("after", explanation);
	addSelectionOptions(command, { several: true })
		.option("--name <name>", "of the SesSetup in the program; default: its tenant name")
		.option("--route53", "the program has `route53`: take the records in its hosted zone too");
	addRoute53Options(command, allRoute53Fields)
		.option("--keep-records", "leave identical records to whoever made them: destroy does not remove them")
		.option("--wait", "the program has `waitForVerification`")
		.option("--timeout <time>", `waitForVerification: such as ${defaults.timeout} (the default)`)
		.option("--purpose <purpose>", `waitForVerification: ${purposes}`)
		.option("--parent <urn>", "of the setups, where the program makes them in a component")
		.option("--provider <urn>", "of the ChannelsProvider, where the program has one")
		.option("--out <file>", "write there instead of the standard output");
	return addMxOption(addConnectionOptions(command)).action(async (options: ImportFileOptions) => {
		const selection = readSelection(options, { several: true });
		const program = readProgram(options);
		const belonging = readBelonging(options);
		const taken = await withWorld(edge, options, async (world) =>
			takeAll(world, await readSetups(world, selection), program),
		);
		edge.status("");
		await write(edge, options.out, jsonLines(importFile(taken, belonging)));
		edge.err(advice(taken, options.out));
	});
}

const explanation = `
The options describe the program that the file is to match: after the import its next \`pulumi up\` has nothing
to do. They are written into the file; credentials for this look alone come from the AWS_* environment.

Identical records in the zone become the stack's own, so that destroy removes them, unless --keep-records.
`;

type Program = Omit<Wanted, "name"> & { name: string | undefined };

function readProgram(options: ImportFileOptions): Program {
	const { name, route53, keepRecords = false, wait, timeout, purpose } = options;
	if (name !== undefined && (name === "" || name.includes("::"))) {
		throw usageError(`--name must be a name as in the program, not ${JSON.stringify(name)}`);
	}
	const fields = route53Of(options);
	requireWith("--route53", route53, { ...fields, keepRecords: keepRecords || undefined });
	requireWith("--wait", wait, { timeout, purpose });
	const published = route53 && readRoute53(fields);
	const waited = wait && readWait({ timeout, purpose });
	requireServed(published, waited);
	return {
		name,
		keepRecords,
		...(published && { route53: published }),
		...(waited && { wait: waited }),
	};
}

function readBelonging({ parent, provider }: ImportFileOptions): Belonging {
	for (const [option, urn] of Object.entries({ parent, provider })) {
		if (urn !== undefined && !/^urn:pulumi:[^:]+::[^:]+::\S+::.+$/.test(urn)) {
			throw usageError(
				`--${option} must be a URN as \`pulumi stack --show-urns\` lists it, not ${JSON.stringify(urn)}`,
			);
		}
	}
	return { parent, provider };
}

/** All of them or none: a file of half the setups would look complete. */
async function takeAll(
	world: World,
	setups: readonly Setup[],
	{ name, ...program }: Program,
): Promise<TakenSetup[]> {
	const [only, ...more] = setups;
	if (!only) {
		throw new Failure(
			"setup-not-found",
			`${homeInWords(await world.channels.home(world))} has no setups, so there is nothing to import.`,
			exitCodes.problem,
		);
	}
	if (name !== undefined && more.length > 0) {
		throw usageError(
			`--name names one setup, and ${setups.length} are selected: leave it out, or select one`,
		);
	}
	const taken: TakenSetup[] = [];
	const refusals: UserError[] = [];
	for (const setup of setups) {
		try {
			refuseUnfit(setup);
			taken.push(await takeSetup(world, setup, { ...program, name: name ?? setup.tenant_name }));
		} catch (error) {
			if (!(error instanceof UserError)) throw error;
			refusals.push(error);
		}
	}
	const [first] = refusals;
	if (first) {
		const isAlone = setups.length === 1;
		throw new Failure(
			isAlone ? first.code : "setups-not-importable",
			lines(
				...(isAlone ? [first] : refusals.map(told)),
				program.route53 !== undefined &&
					"Here the fields of route53 are options, such as --on-conflict dmarc=keep, --zone-id or --role-arn.",
				!isAlone &&
					`${refusals.length} of ${setups.length} setups cannot be imported this way, and no file was written. ` +
						"Select the others by --domain, or give these what they need in a run of their own.",
			),
			exitCodes.problem,
		);
	}
	return taken;
}

/** @throws UserError where no program could have these names */
function refuseUnfit({ id, tenant_name: tenantName, domain_identity: domainIdentity }: Setup) {
	const [problem] = argumentProblems("SesSetup", { tenantName, domainIdentity });
	if (problem)
		throw new UserError("argument-invalid", `of setup ${id} the ${problem.property} ${problem.reason}`);
}

async function write(edge: Terminal, file: string | undefined, document: string[]): Promise<void> {
	if (file === undefined) return edge.out(document);
	try {
		await edge.writeFile(file, `${shown(document)}\n`);
	} catch (error) {
		throw new Failure("file-not-written", `--out: ${(error as Error).message}`, exitCodes.unavailable, {
			cause: error,
		});
	}
}

function advice(taken: readonly TakenSetup[], file = "FILE"): string[] {
	const count = taken.reduce(
		(sum, { records, verification }) => sum + 1 + (records ? 1 : 0) + (verification ? 1 : 0),
		0,
	);
	const said = notes(taken);
	return lines(
		`${count} ${count === 1 ? "resource" : "resources"} of ${taken.length} ${taken.length === 1 ? "setup" : "setups"}. Take ${count === 1 ? "it" : "them"} into the stack, with this program:`,
		"",
		`  ${importCommand(file)}`,
		"",
		...programText(taken).map((line) => (line === "" ? line : `  ${line}`)),
		...(said.length > 0 ? ["", "Note:", ...said.map((note) => `  ${note}.`)] : []),
	);
}
