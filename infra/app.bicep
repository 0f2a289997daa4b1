@description('The name of the function app.')
param name string

@description('The name of the plan.')
param planName string

@description('The location of the resources.')
param location string

@description('The tags of the resources.')
param tags object

@description('The resource id of the identity that the app uses to authenticate.')
param identityId string

@description('The client id of that identity.')
param identityClientId string

@description('The name of the storage account of the Functions host.')
param storageName string

@description('The URL of the blob container from which the app is deployed.')
param packagesUrl string

@description('The connection string of Application Insights.')
param insightsConnectionString string

@description('The endpoint of the Cosmos DB account.')
param cosmosEndpoint string

@description('The name of the database of the users.')
param databaseName string

@description('The name of the container of the users.')
param containerName string

@description('The path of the partition key.')
param partitionKeyPath string

@description('The paths of the properties by which users can be looked up.')
param alternateKeys string[]

@description('The paths of the fields that are removed from every response.')
param hiddenFields string[]

@description('The staleness bound, as hh:mm:ss.')
param maxStaleness string

@description('The mode of the change feed.')
@allowed([
  'LatestVersion'
  'AllVersionsAndDeletes'
])
param feedMode string

@description('Indicates whether the trigger EvictStaleUsers is enabled.')
param triggerEnabled bool

@description('The maximum number of instances.')
param maximumInstanceCount int

@description('The memory of an instance in MB.')
param instanceMemoryMB int

@description('How the Functions host runs the app.')
@allowed([
  'isolatedWorker'
  'customHandler'
])
param hostingModel string

// The app settings that turn the app into a custom handler. The same file is part of the app.
var customHandlerSettings = loadJsonContent('../custom-handler.settings.json')

// The names and versions that Azure offers for this plan; see docs/hosting.md.
var runtime = hostingModel == 'customHandler'
  ? { name: customHandlerSettings.FUNCTIONS_WORKER_RUNTIME, version: '1.0' }
  : { name: 'dotnet-isolated', version: '10.0' }

// On this plan, FUNCTIONS_WORKER_RUNTIME is not an app setting: the name of the runtime replaces it, and Azure rejects the setting.
var hostingSettings = hostingModel == 'customHandler'
  ? toObject(
      filter(items(customHandlerSettings), setting => setting.key != 'FUNCTIONS_WORKER_RUNTIME'),
      setting => setting.key,
      setting => setting.value
    )
  : {}

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    tier: 'FlexConsumption'
    name: 'FC1'
  }
  properties: {
    reserved: true
  }
}

resource app 'Microsoft.Web/sites@2024-11-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'lookup' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    siteConfig: {
      minTlsVersion: '1.2'
    }
    functionAppConfig: {
      runtime: runtime
      deployment: {
        storage: {
          type: 'blobContainer'
          value: packagesUrl
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      scaleAndConcurrency: {
        maximumInstanceCount: maximumInstanceCount
        instanceMemoryMB: instanceMemoryMB
      }
    }
  }

  resource settings 'config' = {
    name: 'appsettings'
    properties: union(
      {
        AzureWebJobsStorage__accountName: storageName
        AzureWebJobsStorage__credential: 'managedidentity'
        AzureWebJobsStorage__clientId: identityClientId
        APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnectionString
        APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
        AzureWebJobs_EvictStaleUsers_Disabled: string(!triggerEnabled)
        CosmosConnection__accountEndpoint: cosmosEndpoint
        CosmosConnection__credential: 'managedidentity'
        CosmosConnection__clientId: identityClientId
        Lookup__Database: databaseName
        Lookup__Container: containerName
        Lookup__PartitionKeyPath: partitionKeyPath
        Lookup__MaxStaleness: maxStaleness
        Lookup__FeedMode: feedMode
      },
      hostingSettings,
      toObject(
        range(0, length(alternateKeys)),
        index => 'Lookup__AlternateKeys__${index}',
        index => alternateKeys[index]
      ),
      toObject(
        range(0, length(hiddenFields)),
        index => 'Lookup__HiddenFields__${index}',
        index => hiddenFields[index]
      )
    )
  }
}

resource noFtpLogin 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01' = {
  parent: app
  name: 'ftp'
  properties: {
    allow: false
  }
}

resource noScmLogin 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01' = {
  parent: app
  name: 'scm'
  properties: {
    allow: false
  }
}

@description('The name of the function app.')
output name string = app.name

@description('The URL of the service.')
output url string = 'https://${app.properties.defaultHostName}'
