// Package faultproxy stands between an S3 client and a server, in process, and
// lets requests fail as networks, load balancers and S3 do: slowly, in the middle,
// with an error, or with an answer that is not what it says.
//
// It passes everything else on as it is, the Host header included, so that the
// server can check signatures.
package faultproxy
