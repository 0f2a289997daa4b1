@description('The name of the identity.')
param name string

@description('The location of the resources.')
param location string

@description('The tags of the resources.')
param tags object

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags
}

@description('The resource id of the identity.')
output id string = identity.id

@description('The principal id, to which roles are assigned.')
output principalId string = identity.properties.principalId

@description('The client id, which the app uses to select the identity.')
output clientId string = identity.properties.clientId
