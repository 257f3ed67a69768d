using Affekt.Cli;
using Affekt.Recognition;

ProcessMemory.LimitHeaps();
return await CommandLine.RunAsync(args, Terminal.OfProcess());
