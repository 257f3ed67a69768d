using Affekt.Cli;

return await CommandLine.RunAsync(args, Terminal.OfProcess());
