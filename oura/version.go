package oura

// version goes into the User-Agent. It is the version of the last release tag.
const version = "0.1.0"
