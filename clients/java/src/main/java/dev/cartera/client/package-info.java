/**
 * What a client of Cartera needs beside the generated code: channels with the published service
 * config, requests that can be repeated, errors with their details, and watches that resume by
 * themselves.
 */
package dev.cartera.client;
