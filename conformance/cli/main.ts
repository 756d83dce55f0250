import { Command, CommanderError, Option } from 'commander';
import { AdapterBroke } from '../subject.js';
import { printableLines } from '../printable.js';
import { kernelDefault, kernels } from '../subjects/linux/kernels.js';
import { UsageError } from '../usage.js';
import { version } from '../version.js';
import { adapterLanguages } from './adapter-new.js';
import type { CheckTraceFlags } from './check-trace.js';
import type { ExportFlags } from './export.js';
import type { InspectFlags } from './inspect.js';
import type { LearnFlags } from './learn.js';
import type { MergeFlags } from './merge.js';
import type { MutantFlags } from './mutants.js';
import { collect, fileName, nonEmpty, wholeUpTo } from './numbers.js';
import { reporterNames } from './reporters.js';
import type { RunFlags } from './run-flags.js';
import { deadlineDefaultMs } from './subject.js';
import type { PrepareFlags } from './target.js';
import type { VerifyFlags } from './verify.js';

/**
 * The command line. Exit status: 0 conforms, 1 does not, 2 usage, 3 the adapter could not start,
 * speaks another version or broke in every case, 4 inconclusive, 130 interrupted.
 *
 * Each command loads its own code when it is called, so that a wrong option is answered at once.
 */

const reportersHelp = `${reporterNames.join(', ')}; repeatable`;
const messageMax = 4000;
const runsDefault = 100;
const seedMax = 2 ** 31 - 1;
const boundMax = 4096;
const learntMax = 3;
const jobsMax = 64;

const statesDefault = 10_000_000;

/** Runs one command line, without node and script. Returns the exit status. */
export async function main(argv: readonly string[]): Promise<number> {
  const dashes = argv.indexOf('--');
  const words = dashes === -1 ? argv : argv.slice(0, dashes);
  const adapter = dashes === -1 ? [] : argv.slice(dashes + 1);
  let status = 0;
  try {
    const program = await programFor(words, adapter, (made) => {
      status = made;
    });
    if (dashes !== -1 && adapter.length === 0)
      throw new UsageError('expected an adapter after "--", found nothing');
    await program.parseAsync([...words], { from: 'user' });
    return status;
  } catch (error) {
    return statusOf(error);
  }
}

/** An error of the user or the adapter is one sentence; an error of ours keeps its stack. */
function statusOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const isUsage = error instanceof UsageError;
  if (isUsage || error instanceof AdapterBroke) {
    process.stderr.write(`msgctx: ${printableLines(error.message, messageMax)}\n`);
    return isUsage ? 2 : 3;
  }
  throw error;
}

async function programFor(
  words: readonly string[],
  adapter: readonly string[],
  done: (status: number) => void,
): Promise<Command> {
  const program = new Command('msgctx')
    .description(
      'Checks implementations of the eCryptfs message-context protocol against its model.',
    )
    .version(version)
    .exitOverride()
    .configureHelp({ optionDescription: described })
    .showHelpAfterError('(msgctx --help lists the commands and their options)');
  addRun(program.command('run')).action(async (flags: Flags) => {
    const { runCommand } = await import('./run.js');
    done(await runCommand({ ...rename(flags), adapter }));
  });
  addSubject(program.command('replay <trace>'))
    .description('run the conversations of a trace file again')
    .option('--json', 'print JSON on stdout', false)
    .action(async (trace: string, flags: Flags) => {
      const { replayCommand } = await import('./replay.js');
      done(await replayCommand(trace, { ...rename(flags), adapter }));
    });
  addCheckTrace(program.command('check-trace <log>')).action(
    async (log: string, flags: CheckTraceFlags) => {
      const { checkTraceCommand } = await import('./check-trace.js');
      done(await checkTraceCommand(log, flags));
    },
  );
  addLearn(program.command('learn')).action(
    async ({ deadline: deadlineMs, ...flags }: LearnFlags & { readonly deadline: number }) => {
      const { learnCommand } = await import('./learn.js');
      done(await learnCommand({ ...flags, deadlineMs, adapter }));
    },
  );
  addAdapter(program.command('adapter'), adapter, done);
  addInspect(program.command('inspect')).action(
    async ({ deadline, ...flags }: Omit<InspectFlags, 'adapter'> & { deadline: number }) => {
      const { inspectCommand } = await import('./inspect.js');
      done(await inspectCommand({ ...flags, deadlineMs: deadline, adapter }));
    },
  );
  addModelCommands(program, done);
  addMerge(program.command('merge <report...>'), done);
  addTarget(program.command('target'), done);
  const ecryptfs = program
    .command('ecryptfs')
    .description('the reference system: keys, a kernel side, daemons and encrypted files');
  if (words.includes('ecryptfs')) {
    const { addEcryptfs } = await import('./ecryptfs/index.js');
    addEcryptfs(ecryptfs, done);
  }
  addMutants(program.command('mutants')).action(async (flags: MutantFlags) => {
    const { mutantsCommand } = await import('./mutants.js');
    done(await mutantsCommand(flags));
  });
  return program;
}

/** The commands that ask the model, and need no implementation. */
function addModelCommands(program: Command, done: (status: number) => void): void {
  addVerify(program.command('verify')).action(async (flags: VerifyFlags) => {
    const { verifyCommand } = await import('./verify.js');
    done(verifyCommand(flags));
  });
  program
    .command('list <what>')
    .description('list cases, requirements, properties, suites, profiles, defects or targets')
    .option('--json', 'print JSON', false)
    .action(async (what: string, { json }: { json: boolean }) => {
      const { listCommand } = await import('./list.js');
      done(await listCommand(what, json));
    });
  addModel(program.command('export <format>'))
    .description(
      'print a machine as mermaid, svg, scxml, json or dot, or the whole model as promela',
    )
    .option('--machine <name>', 'context, daemon, reply, task or FILE.json', 'context')
    .action(async (format: string, flags: ExportFlags) => {
      const { exportCommand } = await import('./export.js');
      done(await exportCommand(format, flags));
    });
}

/** An option with its default, unless that is off or empty. */
function described(option: Option): string {
  const { description } = option;
  const value: unknown = option.defaultValue;
  const isWorthSaying = typeof value === 'string' || typeof value === 'number';
  return isWorthSaying ? `${description} (default: ${value})` : description;
}

function addMerge(command: Command, done: (status: number) => void): void {
  command
    .description(
      'join the reports of the shards of one run, or compare the reports of several implementations',
    )
    .option('--reporter <name[=file]>', reportersHelp, collect, [])
    .option('--json', 'print JSON on stdout', false)
    .action(async (files: readonly string[], flags: MergeFlags) => {
      const { mergeCommand } = await import('./merge.js');
      done(await mergeCommand(files, flags));
    });
}

function addTarget(command: Command, done: (status: number) => void): void {
  command
    .description('prepare a target')
    .command('prepare <name>')
    .description('linux: download a Debian kernel and build the virtual machine that runs it')
    .option('--kernel <version>', Object.keys(kernels).join(', '), kernelDefault)
    .action(async (target: string, flags: PrepareFlags) => {
      const { prepareCommand } = await import('./target.js');
      done(await prepareCommand(target, flags));
    });
}

function addAdapter(
  command: Command,
  adapter: readonly string[],
  done: (status: number) => void,
): void {
  command.description('tools for adapter authors');
  command
    .command('new <language> <directory>')
    .description(`write a starting point in ${adapterLanguages.join(', ')}`)
    .action(async (language: string, directory: string) => {
      const { adapterNewCommand } = await import('./adapter-new.js');
      done(adapterNewCommand(language, directory));
    });
  addSubject(command.command('check'))
    .description('try every call of the adapter protocol and say which answers are wrong')
    .action(async (flags: Flags) => {
      const { adapterCheckCommand } = await import('./adapter.js');
      done(await adapterCheckCommand({ ...rename(flags), adapter }));
    });
}

function addMutants(command: Command): Command {
  return command
    .description(
      'run the suites against faulty kernels, and against correct ones with unusual habits',
    )
    .option('--seed <n>', 'the random seed', seedOf, 1)
    .option('--runs <n>', 'conversations per random case', wholeUpTo(1_000_000, 1), runsDefault)
    .option('--only <id>', 'only this fault or variant; repeatable', collect, [])
    .option('--json', 'print JSON', false);
}

function addLearn(command: Command): Command {
  return addSubject(command)
    .description("learn an implementation's state machine and compare it with the model")
    .option('--contexts <n>', 'message contexts', wholeUpTo(learntMax, 1), 1)
    .option('--users <n>', 'users', wholeUpTo(learntMax, 1), 1)
    .option('--budget <seconds>', 'stop after this time', wholeUpTo(1_000_000, 1), 60)
    .option('--machine <file>', 'write the machine as an XState machine configuration', fileName)
    .option('--svg <file>', 'write a picture that colours the differences from the model', fileName)
    .option('--json', 'print JSON on stdout', false);
}

function addCheckTrace(command: Command): Command {
  return command
    .description('check whether the model explains a log or a packet capture; "-" reads stdin')
    .option('--profile <name>', 'the protocol version (default: the one in the log, else seed)')
    .option(
      '--prefix <text>',
      'the text before the JSON of each line, or /REGEX/ (default: any prefix)',
      nonEmpty,
    )
    .option('--timeout <ms>', 'the time-out of the captured system', wholeUpTo(seedMax, 1), 3000)
    .option('--json', 'print JSON on stdout', false);
}

/** The options that say what is under test. */
function addSubject(command: Command): Command {
  return command
    .allowExcessArguments()
    .hook('preAction', (_, { args, registeredArguments }) => {
      const excess = args.slice(registeredArguments.length);
      if (excess.length === 0) return;
      throw new UsageError(
        `found ${excess.map((word) => `"${word}"`).join(' ')} where no argument is expected; put an adapter after "--": msgctx ${command.name()} -- ${excess.join(' ')}`,
      );
    })
    .option('--target <name>', 'a bundled implementation; msgctx list targets (default: memory)')
    .option(
      '--connect <address>',
      'connect to a listening adapter: unix:PATH or tcp:127.0.0.1:PORT',
    )
    .option(
      '--deadline <ms>',
      'longest time for one call; 0 means no limit',
      wholeUpTo(seedMax),
      deadlineDefaultMs,
    )
    .option('--strict', 'judge errnos as well', false)
    .addHelpText(
      'after',
      '\nPut the adapter and its arguments after "--": msgctx run -- ./adapter --verbose',
    );
}

const extentMax = 4;

function extentHelp(what: string): string {
  return `number of ${what} in suites tour and complete and in added random cases (default: their own)`;
}

function addRun(command: Command): Command {
  return addSubject(command)
    .description('run the suites against an implementation')
    .option('--profile <name>', 'the protocol version (default: the one that the adapter claims)')
    .option('--suite <name>', 'only this suite; repeatable', collect, [])
    .option(
      '--filter <id>',
      'only this requirement, or cases whose id begins like this; repeatable',
      collect,
      [],
    )
    .option('--contexts <n>', extentHelp('contexts'), wholeUpTo(extentMax, 1))
    .option('--users <n>', extentHelp('users'), wholeUpTo(extentMax, 1))
    .option('--seed <n>', 'the random seed; "random" draws one', seedOf, 1)
    .option('--path <path>', 'one conversation of a random case, as printed with a failure')
    .option('--runs <n>', 'conversations per random case', wholeUpTo(1_000_000, 1), runsDefault)
    .option(
      '--budget <seconds>',
      'after the cases, run deeper and newly drawn ones until this time has passed',
      wholeUpTo(1_000_000),
    )
    .option(
      '--slack <ms>',
      'in real time, how late a time-out may be (default: the time-out, at least 250)',
      wholeUpTo(seedMax),
    )
    .option('--patient', 'in real time, also run the cases that wait for time-outs', false)
    .option(
      '--continue-on-failure',
      'run failed conversations to their end, unjudged, to see whether the adapter survives',
      false,
    )
    .addOption(new Option('--through', 'the former name of --continue-on-failure').hideHelp())
    .option('--jobs <n>', 'number of parallel subjects', wholeUpTo(jobsMax, 1), 1)
    .option('--bail', 'stop at the first failure', false)
    .option('--record <file>', 'write the failing conversations to a trace file', fileName)
    .option('--known <file>', 'the list of known deviations, with reasons', fileName)
    .option('--update-known', 'add unlisted failures to that file, and remove stale entries', false)
    .option('--shard <i/n>', 'only part i of n; "auto" reads the variables of the CI job')
    .option('--reporter <name[=file]>', reportersHelp, collect, [])
    .option('--json', 'print the report as JSON on stdout', false)
    .option('--verbose', 'list every requirement, not only those that need a look', false);
}

function addInspect(command: Command): Command {
  return addSubject(command)
    .description('show machines, a live run and saved conversations in a browser')
    .option('--port <n>', 'the port to listen on (default: 8080, or a free one)', wholeUpTo(65_535))
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .option('--stately', 'also open the hosted inspector of stately.ai', false)
    .option('--replay <trace>', 'play the conversations of a trace file', fileName)
    .option('--machine <file>', 'show a machine written by msgctx learn --machine', fileName);
}

function addVerify(command: Command): Command {
  return addModel(command)
    .description('check the properties of the model within bounds')
    .option('--property <name>', 'only this property; repeatable', collect, [])
    .option('--no-symmetry', 'explore every state, not one per orbit')
    .option(
      '--states-max <n>',
      'stop above this number of states',
      wholeUpTo(1e9, 1),
      statesDefault,
    )
    .option('--json', 'print the verdicts as JSON on stdout', false);
}

/** The options that choose a model. */
function addModel(command: Command): Command {
  const bound = (flag: string, what: string, least: number, value?: number) =>
    command.option(`--${flag} <n>`, what, wholeUpTo(boundMax, least), value);
  command
    .option('--profile <name>', "the protocol version (default: seed, or the defect's own)")
    .option('--defect <id>', 'add a known kernel defect to the model; repeatable', collect, [])
    .option('--without <check>', 'remove a check from the model; repeatable', collect, []);
  bound('contexts', 'message contexts', 1, 2);
  bound('users', 'users', 1, 2);
  bound('processes', 'daemon processes per user', 1, 2);
  bound(
    'tasks',
    'requesting processes (default: the number of contexts, plus one under a defect)',
    1,
  );
  bound('queues', 'messages that can wait for a process (default: 0, or what the defect needs)', 0);
  return command.option('--quit-markers', 'QUIT messages wait in the queues as well', false);
}

type Flags = Omit<RunFlags, 'adapter' | 'deadlineMs'> & {
  readonly deadline: number;
  readonly through?: boolean;
};

/** The flag is `--deadline MS`; a name in the code says its unit. */
function rename({ deadline, through, ...flags }: Flags): Omit<RunFlags, 'adapter'> {
  const continueOnFailure = flags.continueOnFailure || through === true;
  return { ...flags, continueOnFailure, deadlineMs: deadline };
}

function seedOf(text: string): number {
  return text === 'random' ? Math.floor(Math.random() * seedMax) : wholeUpTo(seedMax)(text);
}
