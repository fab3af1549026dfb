// @module-tag all
import { execFile } from "node:child_process";
import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { allDocuments, repository } from "../support/documents.js";
import { sharedEngine } from "../support/engine.js";
import { codeSpans } from "../support/markdown.js";

const { name, peerDependencies, scripts } = JSON.parse(
	await readFile(join(repository, "package.json"), "utf8"),
) as { name: string; peerDependencies: Record<string, string>; scripts: Record<string, string> };

/** The commands of the blocks, and those that the prose names. */
const commands = (await allDocuments()).flatMap(({ path, text, blocks }) => [
	...blocks
		.filter(({ language }) => language === "sh")
		.flatMap(({ code, line }) =>
			code.split("\n").map((command, index) => ({ where: `${path}:${line + 1 + index}`, command })),
		),
	...codeSpans(text)
		.filter((code) => /^(npm|npx|pulumi|channels) [a-z]/.test(code))
		.map((command) => ({ where: path, command })),
]);

test("every command of every document is one that its program knows, with its options", async () => {
	expect(commands.length).toBeGreaterThan(50);
	const problems: string[] = [];
	for (const { where, command } of commands) {
		const problem = await problemOf(command).catch((error: Error) => error.message);
		if (problem !== undefined) problems.push(`${where} ${command}: ${problem}`);
	}
	expect(problems).toEqual([]);
});

test.each([
	"pulumi refesh",
	"pulumi up --yess",
	"npx channels docter",
	"channels doctor --dommain mail.acme.com",
	"npm run nothing",
	"npm run service -- keys create --workspce x",
	"npm install pulumi-channel",
	"npx nothing",
	"make",
])("a slip such as `%s` is found", async (command) => {
	expect(await problemOf(command).catch((error: Error) => error.message)).toEqual(expect.any(String));
});

/** Why a command cannot work; undefined if nothing speaks against it. */
async function problemOf(command: string): Promise<string | undefined> {
	const words = command.split(" ");
	const [program, ...args] = words;
	switch (program) {
		case "npm":
			return npmProblem(args);
		case "npx":
			return args[0] === "channels" ? helpProblem("channels", args.slice(1)) : toolProblem(args[0]);
		case "channels":
		case "pulumi":
			return helpProblem(program, args);
		case "export":
			return /^[A-Z_]+=\S+$/.test(args.join(" ")) ? undefined : "no assignment";
		case "curl":
			return URL.canParse(args.at(-1) ?? "") ? undefined : "no URL";
		default:
			return "nobody knows this program";
	}
}

/** Of the tools that the repository itself depends on. */
async function toolProblem(tool = ""): Promise<string | undefined> {
	await access(join(repository, "node_modules/.bin", tool));
	return undefined;
}

async function npmProblem([verb = "", ...args]: string[]): Promise<string | undefined> {
	if (verb === "install") {
		const known = [name, ...Object.keys(peerDependencies)];
		const strange = args.find((each) => !known.includes(each) && !each.startsWith("/path/"));
		return strange && `${strange} is not needed`;
	}
	if (["audit", "config"].includes(verb)) {
		await promisify(execFile)("npm", [verb, "--help"]);
		return undefined;
	}
	const [script = "", ...rest] = verb === "run" ? args : [verb, ...args];
	if (scripts[script] === undefined) return `package.json has no script "${script}"`;
	const own = rest[0] === "--" ? rest.slice(1) : [];
	return script === "pulumi" || script === "service" ? helpProblem(script, own) : undefined;
}

/** What a program says of itself has each option that is given; by its words, as the arguments are not looked at. */
async function helpProblem(program: "pulumi" | "channels" | "service", args: string[]) {
	const firstOption = args.findIndex((arg) => arg.startsWith("-"));
	const words = firstOption < 0 ? args : args.slice(0, firstOption);
	const help = await helpOf(program, words);
	const options = args.filter((arg) => /^--?[a-z]/.test(arg)).map((arg) => arg.replace(/=.*/, ""));
	const missing = options.filter((option) => !new RegExp(`(^|[\\s,])${option}(?![\\w-])`, "m").test(help));
	return missing.length > 0 ? `it has no ${missing.join(", ")}` : undefined;
}

const helps = new Map<string, Promise<string>>();

function helpOf(program: "pulumi" | "channels" | "service", words: string[]): Promise<string> {
	const key = [program, ...words].join(" ");
	const known = helps.get(key) ?? readHelp(program, words);
	helps.set(key, known);
	return known;
}

async function readHelp(program: "pulumi" | "channels" | "service", words: string[]): Promise<string> {
	const mains = { channels: "dist/cli/main.js", service: "service/dist/main.js" };
	if (program === "pulumi") {
		const { code, stdout, stderr } = await (await sharedEngine()).run([...words, "--help"]);
		if (code !== 0 || isNoCommand(stdout, words)) throw new Error(stderr || "no such command");
		return stdout;
	}
	const args = [join(repository, mains[program]), ...words, "--help"];
	const { stdout } = await promisify(execFile)(process.execPath, args);
	if (isNoCommand(stdout, words)) throw new Error("no such command");
	return stdout;
}

/** A command that is not known gets the help of the one above it. */
const isNoCommand = (help: string, [first]: string[]) =>
	first !== undefined && !new RegExp(`usage:[^\\n]*\\s*\\S* ${first}`, "i").test(help);
