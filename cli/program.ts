import { Command, CommanderError } from "commander";
import { shown } from "../dns/index.js";
import { withCode } from "../provider/core/error-codes.js";
import { told, UserError } from "../provider/core/errors.js";
import { VERSION } from "../sdk/index.js";
import { exitCodes, Failure, isUnasked } from "./command-failure.js";
import { doctorCommand } from "./doctor/command.js";
import type { Edge } from "./edge.js";
import type { CommandErrorCode } from "./error-codes.js";
import { importFileCommand } from "./import-file/command.js";
import { preflightCommand } from "./preflight/command.js";
import { type Terminal, terminalOn } from "./terminal.js";
import { zoneFileCommand } from "./zone-file.js";

/** Runs `channels` and returns its exit code; nothing is thrown. */
export async function run(edge: Edge): Promise<number> {
	const terminal = terminalOn(edge);
	let exitCode: number = exitCodes.ok;
	const program = new Command("channels")
		.description("Looks into e-mail domains: those of a workspace of the Channels API, or in Amazon SES.")
		.version(VERSION)
		.addHelpText("after", afterwards);
	const commands = [preflightCommand, doctorCommand, zoneFileCommand, importFileCommand];
	for (const make of commands) {
		program.addCommand(
			make(terminal, (code) => {
				exitCode = code;
			}),
		);
	}
	for (const command of [program, ...program.commands]) {
		command
			.exitOverride()
			.configureOutput({
				// The person's own arguments stand in it.
				writeOut: (text) => edge.out(shown(text.split("\n"))),
				writeErr: (text) => edge.err(shown(text.split("\n"))),
				outputError: (text, write) => write(`${text.trimEnd()} [${usage}]\n`),
			})
			.showSuggestionAfterError();
	}
	try {
		await program.parseAsync(edge.args, { from: "user" });
		return exitCode;
	} catch (error) {
		return failed(terminal, error);
	} finally {
		terminal.status("");
	}
}

/** Of what commander finds wrong itself. */
const usage: CommandErrorCode = "option-invalid";

const afterwards = `
The API key comes from CHANNELS_API_KEY and is no option: a command line can be
read by every process. With --api embedded there is none.

Exit codes: 0 all is well; 1 not verified, not there, or something in the way; 2 called wrongly;
3 the API, Amazon SES, DNS or Route 53 could not be asked; 130 stopped.
`;

function failed(edge: Terminal, error: unknown): number {
	// Commander has said it already; its help and version end in an "error" too.
	if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
	edge.status("");
	if (edge.stop.aborted) {
		edge.err(withCode("channels: stopped. Nothing was changed.", "stopped"));
		return exitCodes.stopped;
	}
	const [first = "", ...more] = told(error);
	edge.err([`channels: ${first}`, ...more]);
	if (error instanceof Failure) return error.exitCode;
	if (!(error instanceof UserError) || isUnasked(error)) return exitCodes.unavailable;
	return error.code === "setting-missing" ? exitCodes.usage : exitCodes.problem;
}
