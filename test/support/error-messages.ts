import { relative, resolve } from "node:path";
import ts from "typescript";
import { compilerHost } from "./compiler.js";

const repository = resolve(import.meta.dirname, "../..");

/**
 * The fixed texts that a message is made of. Of a `whole` all stand in the message, of `choices` one does; what is
 * known only when the program runs is left out.
 */
export type MessageText =
	| string
	| { readonly whole: readonly MessageText[] }
	| { readonly choices: readonly MessageText[] };

/** A place in the sources at which an error is made, and what it says. */
export interface ErrorMessage {
	/** `file:line`. */
	readonly where: string;
	readonly text: MessageText;
}

/**
 * What a reader of `quotes` does not find of the message: nothing where one text of a whole is quoted, and of choices
 * one for each. Undefined where there is no fixed text to be found by, as where another error's message is passed on.
 */
export function unfound(text: MessageText, quotes: readonly string[]): string[] | undefined {
	if (typeof text === "string") {
		if (!isSentence(text)) return undefined;
		return quotes.some((quote) => text.includes(quote)) ? [] : [text];
	}
	const parts = "whole" in text ? text.whole : text.choices;
	const known = parts.map((each) => unfound(each, quotes)).filter((each) => each !== undefined);
	if (known.length === 0) return undefined;
	return "whole" in text && known.some((each) => each.length === 0) ? [] : known.flat();
}

/** Three words at least: less is a unit, a separator or a name. */
const isSentence = (text: string) => (text.match(/[a-z][\w.'-]*/gi) ?? []).length >= 3;

/** Functions of a text that give it back, fit for a terminal. */
const passedOn = new Set(["printable"]);
/** Properties that say which call it was, and nothing about what went wrong. */
const facts = new Set(["doing", "method"]);

/**
 * Reads from the sources what their errors say: from each `new …Error(…)`, and each problem with an argument or a
 * setting, back through constants, calls and parameters to the texts that are written down.
 *
 * @param config a tsconfig.json of the repository.
 * @param folders whose errors are wanted; texts are found wherever they stand.
 */
export function errorMessages(config: string, folders: readonly string[]): ErrorMessage[] {
	const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => {} };
	const parsed = ts.getParsedCommandLineOfConfigFile(resolve(repository, config), { noEmit: true }, host);
	if (!parsed) throw new Error(`${config} cannot be read`);
	const program = ts.createProgram({
		rootNames: parsed.fileNames,
		options: parsed.options,
		host: compilerHost(parsed.options),
		...(parsed.projectReferences && { projectReferences: parsed.projectReferences }),
	});
	const own = program.getSourceFiles().filter((file) => !file.isDeclarationFile);
	const reader = new MessageReader(program.getTypeChecker(), own);
	return own
		.filter(({ fileName }) =>
			folders.some((folder) => relative(repository, fileName).startsWith(`${folder}/`)),
		)
		.flatMap((file) => reader.messagesOf(file));
}

/** Arguments that were given for parameters, innermost call first. */
type Given = ReadonlyMap<ts.Declaration, readonly ts.Expression[]>;
const nothingGiven: Given = new Map();
const nothing: MessageText = { whole: [] };

class MessageReader {
	readonly #calls = new Map<ts.Node, (ts.CallExpression | ts.NewExpression)[]>();
	readonly #assigned = new Map<ts.Node, ts.Expression[]>();
	readonly #open = new Set<ts.Node>();
	readonly #known = new Map<ts.Node, MessageText>();

	readonly #checker: ts.TypeChecker;

	constructor(checker: ts.TypeChecker, files: readonly ts.SourceFile[]) {
		this.#checker = checker;
		for (const file of files) this.#index(file);
	}

	messagesOf(file: ts.SourceFile): ErrorMessage[] {
		const found: ErrorMessage[] = [];
		const visit = (node: ts.Node): void => {
			const text = this.#messageAt(node);
			if (text !== undefined) {
				const { line } = file.getLineAndCharacterOfPosition(node.getStart());
				found.push({ where: `${relative(repository, file.fileName)}:${line + 1}`, text });
			}
			ts.forEachChild(node, visit);
		};
		visit(file);
		return found;
	}

	/** What an error says that is made here: one that is thrown, or a problem with an argument or a setting. */
	#messageAt(node: ts.Node): MessageText | undefined {
		if (ts.isNewExpression(node)) return this.#isError(node) ? this.#made(node, nothingGiven) : undefined;
		if (ts.isCallExpression(node)) {
			const kind = this.#checker.getTypeAtLocation(node.expression).aliasSymbol?.name;
			const [, reason] = node.arguments;
			return kind === "Complain" && reason ? this.#read(reason, nothingGiven) : undefined;
		}
		if (!isAssignment(node)) return undefined;
		const name = node.name.getText();
		const type = this.#checker.getContextualType(node.parent)?.getSymbol()?.name ?? "";
		const isProblem = name === "judge" || (name === "reason" && type.endsWith("Problem"));
		return isProblem ? this.#read(assignedIn(node), nothingGiven) : undefined;
	}

	#isError(node: ts.NewExpression): boolean {
		const isError = (type: ts.Type): boolean =>
			type.getSymbol()?.name === "Error" || (type.getBaseTypes() ?? []).some(isError);
		return isError(this.#checker.getTypeAtLocation(node));
	}

	/** An error's message is what reaches the constructor of `Error`. */
	#made(call: ts.NewExpression | ts.CallExpression, given: Given): MessageText {
		const made = this.#checker.getResolvedSignature(call)?.declaration;
		const superCall = made && isOwn(made) ? superCallIn(made) : undefined;
		if (made && superCall) return this.#made(superCall, new Map([...given, ...argumentsOf(made, call)]));
		const [message] = call.arguments ?? [];
		return message ? this.#read(message, given) : nothing;
	}

	#index(node: ts.Node): void {
		if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
			for (const callee of this.#declarations(node.expression)) {
				const called = ts.isVariableDeclaration(callee) ? callee.initializer : callee;
				if (called) push(this.#calls, called, node);
			}
		}
		if (ts.isObjectLiteralExpression(node)) {
			const type = this.#checker.getContextualType(node);
			const types = type?.isUnion() ? type.types : type ? [type] : [];
			for (const property of node.properties.filter(isAssignment)) {
				const name = property.name.getText();
				const declared = types.flatMap((each) => each.getProperty(name)?.declarations ?? []);
				for (const each of new Set(declared)) push(this.#assigned, each, assignedIn(property));
			}
		}
		ts.forEachChild(node, (child) => this.#index(child));
	}

	#declarations(node: ts.Node): readonly ts.Declaration[] {
		const symbol = ts.isShorthandPropertyAssignment(node.parent)
			? this.#checker.getShorthandAssignmentValueSymbol(node.parent)
			: this.#checker.getSymbolAtLocation(node);
		if (!symbol) return [];
		const target = symbol.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(symbol) : symbol;
		return (target.declarations ?? []).filter(isOwn);
	}

	#read(node: ts.Expression, given: Given): MessageText {
		const known = given.size === 0 ? this.#known.get(node) : undefined;
		if (known !== undefined) return known;
		// What leads back to itself adds nothing.
		if (this.#open.has(node)) return nothing;
		this.#open.add(node);
		const text = this.#readOnce(node, given);
		this.#open.delete(node);
		if (given.size === 0) this.#known.set(node, text);
		return text;
	}

	#readOnce(node: ts.Expression, given: Given): MessageText {
		const whole = (parts: readonly ts.Expression[]) => ({
			whole: parts.map((each) => this.#read(each, given)),
		});
		const choices = (parts: readonly ts.Expression[]) => ({
			choices: parts.map((each) => this.#read(each, given)),
		});
		if (ts.isStringLiteralLike(node)) return node.text;
		if (ts.isTemplateExpression(node)) {
			return {
				whole: [
					node.head.text,
					...node.templateSpans.flatMap(({ expression, literal }) => [
						this.#read(expression, given),
						literal.text,
					]),
				],
			};
		}
		if (ts.isBinaryExpression(node)) {
			const { left, right, operatorToken } = node;
			if (operatorToken.kind === ts.SyntaxKind.PlusToken) return whole([left, right]);
			if (operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken) return this.#read(right, given);
			if (operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken) return choices([left, right]);
			return nothing;
		}
		if (ts.isConditionalExpression(node)) return choices([node.whenTrue, node.whenFalse]);
		if (
			ts.isParenthesizedExpression(node) ||
			ts.isAsExpression(node) ||
			ts.isSatisfiesExpression(node) ||
			ts.isSpreadElement(node) ||
			ts.isAwaitExpression(node)
		)
			return this.#read(node.expression, given);
		if (ts.isArrayLiteralExpression(node)) return whole(node.elements);
		if (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) return this.#returned(node, given);
		if (ts.isCallExpression(node)) return this.#called(node, given);
		if (ts.isElementAccessExpression(node)) {
			const [table] = this.#declarations(node.expression);
			const value = table && ts.isVariableDeclaration(table) ? unwrapped(table.initializer) : undefined;
			if (!value || !ts.isObjectLiteralExpression(value)) return nothing;
			return choices(value.properties.filter(ts.isPropertyAssignment).map(({ initializer }) => initializer));
		}
		if (ts.isIdentifier(node) || ts.isPropertyAccessExpression(node)) {
			if (ts.isPropertyAccessExpression(node) && facts.has(node.name.text)) return nothing;
			return { choices: this.#declarations(node).map((each) => this.#declared(each, given)) };
		}
		return nothing;
	}

	#called(node: ts.CallExpression, given: Given): MessageText {
		const [first] = node.arguments;
		if (first && passedOn.has(node.expression.getText())) return this.#read(first, given);
		const functions = this.#declarations(node.expression).flatMap((declared) => {
			const value = ts.isVariableDeclaration(declared) ? unwrapped(declared.initializer) : declared;
			return value && ts.isFunctionLike(value) ? [value] : [];
		});
		if (functions.length > 0) {
			return {
				choices: functions.map((each) =>
					this.#returned(each, new Map([...given, ...argumentsOf(each, node)])),
				),
			};
		}
		// A method of a text or a list, such as `map` and `join`, keeps what is in it.
		const object = ts.isPropertyAccessExpression(node.expression) ? [node.expression.expression] : [];
		return { whole: [...object, ...node.arguments].map((each) => this.#read(each, given)) };
	}

	#declared(node: ts.Declaration, given: Given): MessageText {
		if (ts.isParameter(node)) {
			const passed = given.get(node);
			if (passed) return { whole: passed.map((each) => this.#read(each, without(given, node))) };
			const calls = this.#calls.get(node.parent) ?? [];
			return {
				choices: calls.flatMap((call) =>
					(argumentsOf(node.parent, call).get(node) ?? []).map((each) => this.#read(each, nothingGiven)),
				),
			};
		}
		if (ts.isVariableDeclaration(node)) {
			return node.initializer ? this.#read(node.initializer, given) : nothing;
		}
		if (ts.isFunctionLike(node)) return this.#returned(node, given);
		if (ts.isBindingElement(node)) {
			const type = this.#checker.getTypeAtLocation(node.parent);
			const name = (node.propertyName ?? node.name).getText();
			if (facts.has(name)) return nothing;
			const declared = (type.getProperty(name)?.declarations ?? []).filter(isOwn);
			return { choices: declared.map((each) => this.#declared(each, given)) };
		}
		const values = this.#assigned.get(node) ?? [];
		return { choices: values.map((each) => this.#read(each, nothingGiven)) };
	}

	#returned(node: ts.SignatureDeclaration, given: Given): MessageText {
		const { body } = node as ts.FunctionLikeDeclaration;
		if (!body) return nothing;
		if (!ts.isBlock(body)) return this.#read(body as ts.Expression, given);
		const returned: ts.Expression[] = [];
		const visit = (child: ts.Node): void => {
			if (ts.isFunctionLike(child)) return;
			if (ts.isReturnStatement(child) && child.expression) returned.push(child.expression);
			ts.forEachChild(child, visit);
		};
		ts.forEachChild(body, visit);
		return { choices: returned.map((each) => this.#read(each, given)) };
	}
}

function argumentsOf(
	callee: ts.Node,
	call: ts.CallExpression | ts.NewExpression,
): Map<ts.Declaration, readonly ts.Expression[]> {
	const { parameters = [] } = callee as Partial<ts.SignatureDeclaration>;
	return new Map(
		[...parameters].map((parameter, index) => {
			const rest = call.arguments?.slice(index) ?? [];
			const [one] = rest;
			return [parameter, parameter.dotDotDotToken ? rest : one ? [one] : []] as const;
		}),
	);
}

/** An argument was written where the call stands, and not inside of what it calls. */
const without = (given: Given, parameter: ts.Declaration): Given =>
	new Map([...given].filter(([each]) => each !== parameter));

const isOwn = (node: ts.Node) => !node.getSourceFile().isDeclarationFile;

type Assignment = ts.PropertyAssignment | ts.ShorthandPropertyAssignment;
const isAssignment = (node: ts.Node): node is Assignment =>
	ts.isPropertyAssignment(node) || ts.isShorthandPropertyAssignment(node);
const assignedIn = (node: Assignment): ts.Expression =>
	ts.isPropertyAssignment(node) ? node.initializer : node.name;

function superCallIn(node: ts.Node): ts.CallExpression | undefined {
	return ts.forEachChild(node, (child) =>
		ts.isCallExpression(child) && child.expression.kind === ts.SyntaxKind.SuperKeyword
			? child
			: superCallIn(child),
	);
}

function unwrapped(node: ts.Expression | undefined): ts.Expression | undefined {
	return node && (ts.isAsExpression(node) || ts.isSatisfiesExpression(node))
		? unwrapped(node.expression)
		: node;
}

function push<Value>(map: Map<ts.Node, Value[]>, key: ts.Node, value: Value): void {
	const known = map.get(key);
	if (known) known.push(value);
	else map.set(key, [value]);
}
