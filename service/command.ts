import { Command, Option } from "commander";
import { shown } from "pulumi-channels/dns";
import { type Permission, permissions } from "./database/api-keys.js";
import { codeOf, type ErrorCode, ServiceError } from "./error-codes.js";
import { type MailFromOptions, setMailFrom } from "./mail-from.js";
import { backUp } from "./operations/backup.js";
import { readEnvironment } from "./operations/config.js";
import { createApiKey, listApiKeys, revokeApiKey } from "./operations/keys.js";
import { type ReconcileOptions, reconcile } from "./reconcile.js";
import { startService } from "./service.js";

const program = new Command("channels-api")
	.description(
		"The Channels API, self-hosted. Settings come from CHANNELS_API_* and the AWS SDK's environment.",
	)
	.configureOutput({
		outputError(text, write) {
			const said = `${text.trimEnd()} [${"option-invalid" satisfies ErrorCode}]`;
			write(`${shown(said.split("\n"))}\n`);
		},
	})
	.showHelpAfterError();

program
	.command("serve", { isDefault: true })
	.description("serve the API until SIGINT or SIGTERM")
	.action(async () => {
		const service = await startService(readEnvironment(process.env));
		const stop = () => {
			// A second signal ends the process at once.
			process.removeListener("SIGINT", stop).removeListener("SIGTERM", stop);
			service.stop().catch(fail);
		};
		process.on("SIGINT", stop).on("SIGTERM", stop);
	});

const keys = program.command("keys").description("make, list and revoke API keys");

keys
	.command("create")
	.description("make a key and print it, once")
	.requiredOption("--workspace <uuid>", "the workspace it opens")
	.option(
		"--permission <permission>",
		`what it allows (${permissions.join(", ")}); may be given several times; default: all`,
		collectPermissions,
	)
	.action(async (options: { workspace: string; permission?: Permission[] }) => {
		const { database } = readEnvironment(process.env);
		const made = await createApiKey(database, options.workspace, options.permission ?? permissions);
		process.stderr.write(`Key ${made.id}, ${made.permissions.join(" ")}. It is shown only now:\n`);
		process.stdout.write(`${made.key}\n`);
	});

keys
	.command("list")
	.description("list the keys, without their texts")
	.action(async () => {
		for (const key of await listApiKeys(readEnvironment(process.env).database)) {
			const until = key.revokedAt === null ? "" : ` revoked ${new Date(key.revokedAt).toISOString()}`;
			process.stdout.write(
				`${key.id} workspace ${key.workspaceId} ${key.permissions.join(",")} made ${new Date(key.createdAt).toISOString()}${until}\n`,
			);
		}
	});

keys
	.command("revoke")
	.description("revoke a key at once")
	.argument("<id>", "the key's id, as list shows it")
	.action(async (id: string) => {
		await revokeApiKey(readEnvironment(process.env).database, id);
	});

program
	.command("backup")
	.description("write the SQLite database into a new file, whole, while the service runs")
	.argument("<file>", "a file that is not there yet")
	.action((file: string) => {
		backUp(readEnvironment(process.env).database, file);
		process.stderr.write(`Written to ${file}. How to restore it: docs/service.md, "Backup".\n`);
	});

program
	.command("reconcile")
	.description("compare the database with SES, for after a restore; without an option nothing is changed")
	.addHelpText(
		"after",
		"\nExit code 0: they agree, or what was asked for is done. 1: it failed. 2: they differ.",
	)
	.addOption(way("adopt", "write the row of a setup that stands in SES"))
	.option("--workspace <uuid>", "of the setup to adopt, where SES does not tell it")
	.addOption(way("remove", "take down what stands in SES and has no row"))
	.addOption(way("associate", "put a setup's domain into its tenant again"))
	.addOption(way("release", "take the row of a setup out that SES keeps, for channels:api embedded"))
	.action(async (options: ReconcileOptions) => {
		const isTerminal = process.stderr.isTTY;
		const { report, differs } = await reconcile(readEnvironment(process.env), options, {
			random: Math.random,
			env: process.env,
			progress: (text) => isTerminal && process.stderr.write(`\r\x1b[K${shown(text)} …`),
		});
		if (isTerminal) process.stderr.write("\r\x1b[K");
		process.stdout.write(`${report}\n`);
		if (differs) process.exitCode = 2;
	});

program
	.command("mail-from")
	.description("give a setup that was made before a MAIL FROM domain of its own")
	.requiredOption("--setup <uuid>", "the setup")
	.addOption(
		new Option(
			"--label <label>",
			"it is this name below the domain; default: CHANNELS_API_MAIL_FROM",
		).conflicts("remove"),
	)
	.option("--remove", "take it away instead")
	.action(async (options: MailFromOptions) => {
		const world = { random: Math.random, env: process.env };
		process.stdout.write(`${shown(await setMailFrom(readEnvironment(process.env), options, world))}\n`);
	});

/** One of the ways to mend, of which a call takes one. */
function way(name: string, description: string): Option {
	const others = ["adopt", "remove", "associate", "release"].filter((each) => each !== name);
	return new Option(`--${name} <setup>`, description).conflicts(others);
}

function collectPermissions(text: string, earlier: Permission[] = []): Permission[] {
	const permission = permissions.find((known) => known === text);
	if (permission === undefined)
		throw new ServiceError(
			"option-invalid",
			`"${text}" is no permission; there are ${permissions.join(", ")}`,
		);
	return [...earlier, permission];
}

function fail(error: unknown): void {
	const what = error instanceof Error ? error.message : String(error);
	process.stderr.write(`${shown(`channels-api: ${what} [${codeOf(error)}]`)}\n`);
	process.exitCode = 1;
}

program.parseAsync().catch(fail);
