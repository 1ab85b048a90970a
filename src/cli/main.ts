#!/usr/bin/env node
process.stdout.write('hzstat\n');
