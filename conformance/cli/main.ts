import { Command, CommanderError } from 'commander';
import { UsageError } from '../select.js';
import { AdapterBroke } from '../subject.js';
import { TraceError } from '../trace.js';
import { version } from '../version.js';
import { adapterLanguages, adapterNewCommand } from './adapter-new.js';
import { adapterCheckCommand } from './adapter.js';
import type { CheckTraceFlags } from './check-trace.js';
import { checkTraceCommand } from './check-trace.js';
import type { ExportFlags } from './export.js';
import { exportCommand } from './export.js';
import { addEcryptfs } from './ecryptfs/index.js';
import type { InspectFlags } from './inspect.js';
import { inspectCommand } from './inspect.js';
import type { LearnFlags } from './learn.js';
import { learnCommand } from './learn.js';
import { listCommand } from './list.js';
import type { MergeFlags } from './merge.js';
import { mergeCommand } from './merge.js';
import type { MutantFlags } from './mutants.js';
import { mutantsCommand } from './mutants.js';
import { collect, fileName, nonEmpty, wholeUpTo } from './numbers.js';
import { replayCommand } from './replay.js';
import { reporterNames } from './reporters.js';
import type { RunFlags } from './run.js';
import { runCommand } from './run.js';
import { deadlineDefaultMs } from './subject.js';
import type { PrepareFlags } from './target.js';
import { prepareCommand, preparedDefault } from './target.js';
import type { VerifyFlags } from './verify.js';
import { verifyCommand } from './verify.js';

/**
 * The command line. Exit status: 0 conforms, 1 does not, 2 usage, 3 the adapter could not start,
 * speaks another version or broke in every case, 4 inconclusive, 130 interrupted.
 */

const reportersHelp = `${reporterNames.join(', ')}; may be repeated`;
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
  const program = programFor(adapter, (made) => {
    status = made;
  });
  try {
    if (dashes !== -1 && adapter.length === 0)
      throw new UsageError('"--" is followed by no adapter');
    await program.parseAsync([...words], { from: 'user' });
    return status;
  } catch (error) {
    return statusOf(error);
  }
}

/** Every error that is the user's or the adapter's is one sentence; ours keep their stack. */
function statusOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const known = error instanceof UsageError || error instanceof TraceError;
  if (known || error instanceof AdapterBroke) {
    process.stderr.write(`msgctx: ${error.message}\n`);
    return known ? 2 : 3;
  }
  throw error;
}

function programFor(adapter: readonly string[], done: (status: number) => void): Command {
  const program = new Command('msgctx')
    .description(
      'Checks implementations of the eCryptfs message-context protocol against its model.',
    )
    .version(version)
    .exitOverride()
    .showHelpAfterError('(msgctx --help lists the commands and their options)');
  addRun(program.command('run')).action(async (flags: Flags) => {
    done(await runCommand({ ...rename(flags), adapter }));
  });
  addSubject(program.command('replay <trace>'))
    .description('hold recorded conversations again')
    .action(async (trace: string, flags: Flags) => {
      done(await replayCommand(trace, { ...rename(flags), adapter }));
    });
  addCheckTrace(program.command('check-trace <log>')).action(
    async (log: string, flags: CheckTraceFlags) => {
      done(await checkTraceCommand(log, flags));
    },
  );
  addLearn(program.command('learn')).action(
    async ({ deadline: deadlineMs, ...flags }: LearnFlags & { readonly deadline: number }) => {
      done(await learnCommand({ ...flags, deadlineMs, adapter }));
    },
  );
  addAdapter(program.command('adapter'), adapter, done);
  addInspect(program.command('inspect')).action(
    async ({ deadline, ...flags }: Omit<InspectFlags, 'adapter'> & { deadline: number }) => {
      done(await inspectCommand({ ...flags, deadlineMs: deadline, adapter }));
    },
  );
  addVerify(program.command('verify')).action((flags: VerifyFlags) => {
    done(verifyCommand(flags));
  });
  program
    .command('list <what>')
    .description('list cases, requirements, properties, suites, profiles, defects or targets')
    .option('--json', 'as JSON', false)
    .action((what: string, { json }: { json: boolean }) => {
      done(listCommand(what, json));
    });
  addModel(program.command('export <format>'))
    .description(
      'print a machine as mermaid, svg, scxml, json or dot, or the whole model as promela',
    )
    .option('--machine <name>', 'context, daemon, reply, task or FILE.json', 'context')
    .action(async (format: string, flags: ExportFlags) => {
      done(await exportCommand(format, flags));
    });
  addMerge(program.command('merge <report...>'), done);
  addTarget(program.command('target'), done);
  addEcryptfs(program.command('ecryptfs'), done);
  addMutants(program.command('mutants')).action(async (flags: MutantFlags) => {
    done(await mutantsCommand(flags));
  });
  return program;
}

function addMerge(command: Command, done: (status: number) => void): void {
  command
    .description('put reports together: the parts of a run, or several implementations')
    .option('--reporter <name[=file]>', reportersHelp, collect, [])
    .option('--json', 'as JSON on stdout', false)
    .action(async (files: readonly string[], flags: MergeFlags) => {
      done(await mergeCommand(files, flags));
    });
}

function addTarget(command: Command, done: (status: number) => void): void {
  command
    .description('make ready what a target needs')
    .command('prepare <name>')
    .description('linux: fetch a kernel of Debian, and make the virtual machine that it runs in')
    .option('--kernel <version>', '5.10, 6.1 or 6.12', preparedDefault)
    .action(async (target: string, flags: PrepareFlags) => {
      done(await prepareCommand(target, flags));
    });
}

function addAdapter(
  command: Command,
  adapter: readonly string[],
  done: (status: number) => void,
): void {
  command.description('for who writes an adapter');
  command
    .command('new <language> <directory>')
    .description(`begin one in ${adapterLanguages.join(', ')}`)
    .action((language: string, directory: string) => {
      done(adapterNewCommand(language, directory));
    });
  addSubject(command.command('check'))
    .description('walk through the protocol with an adapter, and say what is wrong with its lines')
    .action(async (flags: Flags) => {
      done(await adapterCheckCommand({ ...rename(flags), adapter }));
    });
}

function addMutants(command: Command): Command {
  return command
    .description('hold the suites against faulty kernels, and against right ones with odd habits')
    .option('--seed <n>', 'the seed of the random cases', seedOf, 1)
    .option('--runs <n>', 'conversations of a random case', wholeUpTo(1_000_000, 1), runsDefault)
    .option('--only <id>', 'only this fault or variant; may be repeated', collect, [])
    .option('--json', 'as JSON', false);
}

function addLearn(command: Command): Command {
  return addSubject(command)
    .description('learn the machine that an implementation is, and compare it with the model')
    .option('--contexts <n>', 'message contexts', wholeUpTo(learntMax, 1), 1)
    .option('--users <n>', 'users', wholeUpTo(learntMax, 1), 1)
    .option('--budget <seconds>', 'when to give up', wholeUpTo(1_000_000, 1), 60)
    .option(
      '--machine <file>',
      'write the machine as the configuration of a machine of XState',
      fileName,
    )
    .option(
      '--svg <file>',
      'write a picture of it, with what differs from the model in colour',
      fileName,
    )
    .option('--json', 'as JSON on stdout', false);
}

function addCheckTrace(command: Command): Command {
  return command
    .description(
      'check whether the model explains a recorded conversation or a capture; "-" reads stdin',
    )
    .option('--profile <name>', 'the version of the protocol (default: as recorded, else seed)')
    .option(
      '--prefix <text>',
      'what stands before the JSON of each line, or /REGEX/ (default: any prefix)',
      nonEmpty,
    )
    .option('--timeout <ms>', 'the time-out of the captured system', wholeUpTo(seedMax, 1), 3000)
    .option('--json', 'as JSON on stdout', false);
}

/** The options that say what is under test. */
function addSubject(command: Command): Command {
  return command
    .option('--target <name>', 'an implementation that comes with the package (default: memory)')
    .option('--connect <address>', 'an adapter that listens: unix:PATH or tcp:127.0.0.1:PORT')
    .option(
      '--deadline <ms>',
      'how long one call may take; 0 waits for ever',
      wholeUpTo(seedMax),
      deadlineDefaultMs,
    )
    .option('--strict', 'judge errnos too', false)
    .addHelpText(
      'after',
      '\nAn adapter and its arguments stand behind "--": msgctx run -- ./adapter --verbose',
    );
}

const extentMax = 4;

function extentHelp(what: string): string {
  return `how many ${what} tour and complete explore, and more random cases have (default: theirs)`;
}

function addRun(command: Command): Command {
  return addSubject(command)
    .description('hold the suites against an implementation')
    .option('--profile <name>', 'the version of the protocol (default: what the adapter claims)')
    .option('--suite <name>', 'only this suite; may be repeated', collect, [])
    .option(
      '--filter <id>',
      'only this requirement, or cases whose id begins so; may be repeated',
      collect,
      [],
    )
    .option('--contexts <n>', extentHelp('contexts'), wholeUpTo(extentMax, 1))
    .option('--users <n>', extentHelp('users'), wholeUpTo(extentMax, 1))
    .option('--seed <n>', 'the seed of the random cases; "random" draws one', seedOf, 1)
    .option('--path <path>', 'the conversation of one random case, as a failure names it')
    .option('--runs <n>', 'conversations of a random case', wholeUpTo(1_000_000, 1), runsDefault)
    .option(
      '--budget <seconds>',
      'hold more cases, deeper ones and with other seeds, until so much time has passed',
      wholeUpTo(1_000_000),
    )
    .option(
      '--slack <ms>',
      'how late a time-out may come in real time (default: the time-out, at least 250)',
      wholeUpTo(seedMax),
    )
    .option('--patient', 'in real time, hold the cases too that wait for time-outs', false)
    .option('--through', 'carry failed conversations on, to see whether the adapter lives', false)
    .option('--jobs <n>', 'so many of the subject side by side', wholeUpTo(jobsMax, 1), 1)
    .option('--bail', 'stop at the first failure', false)
    .option('--record <file>', 'write the failing conversations to a trace file', fileName)
    .option('--known <file>', 'the failures that are expected, with their reasons', fileName)
    .option('--update-known', 'write what failed, and was not listed, to that file', false)
    .option('--shard <i/n>', 'only part i of n; auto: as the environment of the CI job says')
    .option('--reporter <name[=file]>', reportersHelp, collect, [])
    .option('--json', 'the report as JSON on stdout', false);
}

function addInspect(command: Command): Command {
  return addSubject(command)
    .description('show the machines, a run against an implementation, and saved conversations')
    .option('--port <n>', 'where to listen (default: 8080, or a free one)', wholeUpTo(65_535))
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .option('--stately', 'open the hosted inspector of stately.ai as well', false)
    .option('--replay <trace>', 'play the conversations of a trace file', fileName)
    .option('--machine <file>', 'show a machine that msgctx learn --machine wrote', fileName);
}

function addVerify(command: Command): Command {
  return addModel(command)
    .description('check the properties of the model within bounds')
    .option('--property <name>', 'only this property; may be repeated', collect, [])
    .option('--no-symmetry', 'walk every state, not one of each orbit')
    .option('--states-max <n>', 'give up above so many', wholeUpTo(1e9, 1), statesDefault)
    .option('--json', 'the verdicts as JSON on stdout', false);
}

/** The options that choose a model. */
function addModel(command: Command): Command {
  const bound = (flag: string, what: string, least: number, value?: number) =>
    command.option(`--${flag} <n>`, what, wholeUpTo(boundMax, least), value);
  command
    .option('--profile <name>', "the version of the protocol (default: seed, or a defect's own)")
    .option('--defect <id>', 'put a catalogued fault in; may be repeated', collect, [])
    .option('--without <check>', 'take a check out; may be repeated', collect, []);
  bound('contexts', 'message contexts', 1, 2);
  bound('users', 'users', 1, 2);
  bound('processes', 'daemon processes of a user', 1, 2);
  bound('tasks', 'processes that ask (default: as many as contexts, one more under a defect)', 1);
  bound('queues', 'messages that can wait for a process (default: 0, or what a defect needs)', 0);
  return command.option('--quit-markers', 'messages to quit wait in the queues too', false);
}

type Flags = Omit<RunFlags, 'adapter' | 'deadlineMs'> & { readonly deadline: number };

/** The flag is `--deadline MS`; a name in the code says its unit. */
function rename({ deadline, ...flags }: Flags): Omit<RunFlags, 'adapter'> {
  return { ...flags, deadlineMs: deadline };
}

function seedOf(text: string): number {
  return text === 'random' ? Math.floor(Math.random() * seedMax) : wholeUpTo(seedMax)(text);
}
