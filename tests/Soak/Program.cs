using Lookup.Soak;
using Lookup.Soak.Churn;

// With --churn the program looks for leaks; otherwise, it runs the fleet under faults.
return args.Contains("--churn") ? await ChurnCommand.RunAsync(args) : await SoakCommand.RunAsync(args);
