using System.CommandLine;
using Affekt.Cli.Commands;

RootCommand root = new("Affekt: the emotion that speech expresses") { EvaluateCommand.Create() };
return await root.Parse(args).InvokeAsync();
