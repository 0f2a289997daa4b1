using Lookup.Soak;
using Lookup.Soak.Churn;

// One executable, two uses: --churn looks for leaks, and everything else runs the fleet under faults.
return args.Contains("--churn") ? await ChurnCommand.RunAsync(args) : await SoakCommand.RunAsync(args);
