using Lookup.Local;
using Lookup.Local.Seeding;

// The Cosmos SDK asks a cloud metadata address who it is at start; there is nobody to answer here.
Environment.SetEnvironmentVariable("COSMOS_DISABLE_IMDS_ACCESS", "true");

using var end = new EndSignal();
var t=TimeProvider.System; var s=t.GetTimestamp();
await using var store = await LocalStore.StartAsync(8181, 4, end.Token);
Console.WriteLine(t.GetElapsedTime(s));s=t.GetTimestamp();
foreach (var u in Lookup.Local.Samples.SampleUsers.Make(10000)) { }
Console.WriteLine("gen " + t.GetElapsedTime(s));s=t.GetTimestamp();
await SeedProgress.ShowAsync(Console.Out, 10000, w => store.SeedAsync(10000, w, end.Token));
Console.WriteLine(t.GetElapsedTime(s));
