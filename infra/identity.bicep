@description('The identity\'s name.')
param name string

@description('Where it is put.')
param location string

@description('Tags.')
param tags object

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags
}

@description('The identity\'s resource id.')
output id string = identity.id

@description('Whom roles are given to.')
output principalId string = identity.properties.principalId

@description('What the app names it by.')
output clientId string = identity.properties.clientId
