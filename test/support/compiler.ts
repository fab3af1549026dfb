import ts from "typescript";

const declarations = new Map<string, ts.SourceFile | undefined>();

/** `@pulumi/aws` has 14 MB of declarations. What programs use of it is here, and the rest would take most of the time. */
const awsModules = new Set(["config", "route53", "types"]);

/**
 * A host for programs that share the declarations they load, so that one process reads each once. Of `@pulumi/aws` it
 * knows no module but `awsModules`: what uses another does not type-check.
 */
function compilerHost(options: ts.CompilerOptions): ts.CompilerHost {
	const host = ts.createCompilerHost(options);
	const { readFile } = host;
	host.readFile = (path) => {
		const text = readFile(path);
		const [, file] = /\/node_modules\/@pulumi\/aws\/(.+)\.d\.ts$/.exec(path) ?? [];
		return text === undefined || file === undefined ? text : withoutOtherModules(text, file);
	};
	// What the command takes: it reads of a comment no more than it needs.
	host.jsDocParsingMode = ts.JSDocParsingMode.ParseForTypeErrors;
	const { getSourceFile } = host;
	host.getSourceFile = (path, version, ...more) => {
		// How other files are read depends on more of the options.
		if (!/\.d\.[cm]?ts$/.test(path)) return getSourceFile(path, version, ...more);
		const { languageVersion, impliedNodeFormat } =
			typeof version === "object" ? version : { languageVersion: version };
		const key = [path, languageVersion, impliedNodeFormat, host.jsDocParsingMode].join("\n");
		if (!declarations.has(key)) declarations.set(key, getSourceFile(path, version, ...more));
		return declarations.get(key);
	};
	return host;
}

function withoutOtherModules(text: string, file: string): string {
	if (file === "index") {
		const dropped = new Set<string>();
		return text
			.replaceAll(/^import \* as (\w+) from "\.\/\1";$/gm, (line, name: string) => {
				if (awsModules.has(name)) return line;
				dropped.add(name);
				return "";
			})
			.replaceAll(/^export \{([\w, ]+)\};$/gm, (_line, names: string) => {
				const kept = names.split(",").filter((name) => !dropped.has(name.trim()));
				return `export {${kept.join(",")}};`;
			});
	}
	const kept = /^types\/(input|output)$/.test(file)
		? text.replaceAll(/^export declare namespace (\w+) \{\n[\s\S]*?^\}$/gm, (namespace, name: string) =>
				awsModules.has(name) ? namespace : "",
			)
		: text;
	// A type that is not there would be `any`, unseen under `skipLibCheck`.
	for (const [type, name = ""] of kept.matchAll(/\b(?:inputs|outputs)\.([a-z]\w*)\.\w+/g))
		if (!awsModules.has(name))
			throw new Error(`${file} of @pulumi/aws needs ${type}: add "${name}" to awsModules`);
	return kept;
}

/** What the tsconfig.json of a folder with these options makes, without the file. */
export function createProgram(folder: string, compilerOptions: object, files: string[]): ts.Program {
	const { options, errors, fileNames } = ts.parseJsonConfigFileContent(
		{ compilerOptions, files },
		ts.sys,
		folder,
	);
	return ts.createProgram({
		rootNames: fileNames,
		options,
		host: compilerHost(options),
		configFileParsingDiagnostics: errors,
	});
}

/** What the compiler prints. */
export function problemsIn(program: ts.Program): string {
	return ts.formatDiagnostics(ts.getPreEmitDiagnostics(program), {
		getCanonicalFileName: (path) => path,
		getCurrentDirectory: () => program.getCurrentDirectory(),
		getNewLine: () => "\n",
	});
}
