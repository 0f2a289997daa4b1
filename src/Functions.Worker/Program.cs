using Lookup.Functions.Hosting;
using Microsoft.Azure.Functions.Worker.Builder;

var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
LookupHost.AddTo(builder.Services, builder.Configuration);
builder.Build().Run();
