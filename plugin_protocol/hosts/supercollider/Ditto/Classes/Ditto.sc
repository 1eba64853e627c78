// One request to the door that `ditto osc` opens. What is said there is written in OSC.md.

Ditto {
	classvar <>command = "@DITTO@"; // its path, once `ditto hosts install` has put this file here
	classvar <>port = 9811;
	classvar <>patience = 2; // seconds for the door's answer to a ping
	classvar <newest, <exchange;
	classvar open, waiting, listening, count = 0, token, jobs;

	var <id, <kind, <state = \new, <message = "", <fraction = -1;
	var <path, <samples, <newStart, <newEnd, <seed, <takes;
	var source, words, action, progress, failed;

	*initClass {
		open = Dictionary.new;
		waiting = List.new;
		jobs = List.new;
	}

	// regions: [[start, end], ...] in seconds. source: a Buffer, or the path of a sound file
	*inpaint { |source, regions, options, action, progress, failed|
		^this.prRequest(\inpaint, source, options, [\region] ++ regions.flat,
			action, progress, failed)
	}

	*outpaint { |source, seconds = 3, side = \after, options, action, progress, failed|
		^this.prRequest(\outpaint, source, options, [\seconds, seconds, \side, side],
			action, progress, failed)
	}

	*loop { |source, options, action, progress, failed|
		^this.prRequest(\loop, source, options, [], action, progress, failed)
	}

	*vary { |source, strength = 0.5, options, action, progress, failed|
		^this.prRequest(\vary, source, options, [\strength, strength], action, progress, failed)
	}

	*generate { |seconds = 6, options, action, progress, failed|
		^this.prRequest(\generate, nil, options, [\seconds, seconds], action, progress, failed)
	}

	// What was made, or goes on, after this program or the door had died.
	*resume { |id, action, progress, failed|
		^this.prNew(\resume, nil, [], action, progress, failed).prResume(id)
	}

	*left { |action|
		this.prPing({ |isOpen|
			if(isOpen) {
				jobs.clear;
				OSCdef(\dittoJobs, { action.value(jobs.asArray) }, '/ditto/jobs').oneShot;
				this.prSend("list");
			} {
				action.value([]);
			}
		});
	}

	// Closes when this program ends; what is being made goes on.
	*openDoor { |folder|
		var pid = ["DITTO_COMMAND".getenv ? command, "osc", "--port", port.asString,
			"--folder", folder.standardizePath].unixCmd;
		ShutDown.add { thisProcess.platform.killProcessByID(pid) };
		^pid
	}

	*cancel { newest !? { newest.cancel } }
	*finish { newest !? { newest.finish } }
	*again { |action| ^newest !? { newest.again(action) } }

	cancel { this.class.prSend("cancel", id) }
	finish { this.class.prSend("finish", id) }

	// The same with the next seed.
	again { |newAction|
		newAction !? { action = newAction };
		this.prPing({ this.prFollow("again", id) });
	}

	// ---- talking to the door ----

	*prRequest { |kind, source, options, words, action, progress, failed|
		^this.prNew(kind, source, words ++ this.prWords(options), action, progress, failed).prBegin
	}

	*prNew { |kind, source, words, action, progress, failed|
		^newest = super.new.prInit(kind, source, words, action, progress, failed)
	}

	prInit { |aKind, aSource, someWords, anAction, aProgress, aFailed|
		kind = aKind;
		source = aSource;
		words = someWords;
		action = anAction;
		progress = aProgress;
		failed = aFailed;
	}

	prBegin {
		this.prPing({
			var file;
			count = count + 1;
			id = "%-%".format(token, count);
			case
			{ source.isNil } { this.prAsk([]) }
			{ source.isKindOf(Buffer) } {
				file = exchange +/+ id ++ ".wav";
				fork {
					source.write(file, "wav", "float");
					source.server.sync;
					this.prAsk(["in", file]);
				};
			}
			{ this.prAsk(["in", source.asString.standardizePath]) };
		});
	}

	prAsk { |file| this.prFollow(kind, *(["id", id] ++ file ++ words)) }

	prResume { |anId|
		id = anId.asString;
		this.prPing({ this.prFollow("resume", id) });
	}

	prFollow { |verb ... arguments|
		open[id] = this;
		state = \asked;
		takes = [];
		this.class.prSend(verb, *arguments);
	}

	prPing { |then|
		this.class.prPing({ |isOpen|
			if(isOpen) { then.value } {
				this.prFail("UNREACHABLE", "No door answers. Ditto.openDoor(\"~/music\") opens one.")
			}
		});
	}

	*prPing { |then|
		var hasAnswered = false;
		this.prListen;
		waiting.add({ if(hasAnswered.not) { hasAnswered = true; then.value(true) } });
		this.prSend("ping");
		SystemClock.sched(patience, {
			if(hasAnswered.not) { hasAnswered = true; then.value(false) };
			nil
		});
	}

	// Numbers travel as text: OSC's floats have 32 bits only.
	*prSend { |verb ... arguments|
		NetAddr("127.0.0.1", port).sendMsg("/ditto/" ++ verb, *arguments.collect(_.asString));
	}

	*prWords { |options|
		var found = [];
		(options ? ()).asEvent.keysValuesDo { |key, value|
			found = found ++ [this.prKey(key), this.prValue(value)];
		};
		^found
	}

	// \beatOffset is beat-offset
	*prKey { |key|
		^key.asString.collectAs({ |c| if(c.isUpper) { "-" ++ c.toLower } { c.asString } }, Array).join
	}

	// An Env, or [[second, dB], ...], is a curve.
	*prValue { |value|
		if(value.isKindOf(Env)) {
			value = [[0] ++ value.times.integrate, value.levels].flop;
		};
		if(value.isKindOf(Array) and: { value.isString.not }) {
			^value.collect { |point| "%:%".format(*point) }.join(" ")
		};
		^value
	}

	// ---- hearing from it ----

	*prListen {
		if(listening == true) { ^this };
		listening = true;
		this.prHear('/ditto/pong', { |msg|
			exchange = msg[2].asString;
			token = msg[3].asString;
			waiting.copy.do(_.value);
			waiting.clear;
		});
		this.prHear('/ditto/job', { |msg| jobs.add(msg[1..3]) });
		this.prHearOne('/ditto/progress', { |one, msg| one.prProgress(msg[2], msg[3].asString) });
		this.prHearOne('/ditto/take', { |one, msg| one.prTake(msg[3].asString) });
		this.prHearOne('/ditto/done', { |one, msg| one.prDone(*msg[2..]) });
		this.prHearOne('/ditto/failed', { |one, msg|
			one.prFail(msg[2].asString, msg[3].asString)
		});
	}

	*prHear { |address, function|
		OSCFunc({ |msg, time, sender| if(sender.port == port) { function.value(msg) } }, address)
		.permanent_(true);
	}

	*prHearOne { |address, function|
		this.prHear(address, { |msg|
			open[msg[1].asString] !? { |one| function.value(one, msg) };
		});
	}

	prProgress { |aFraction, aMessage|
		state = \running;
		fraction = aFraction;
		message = aMessage;
		progress.value(fraction, message, this);
	}

	prTake { |aPath| takes = takes.add(aPath) }

	// The action gets a new Buffer where the source was one, else the path; and this request.
	prDone { |aPath, someSamples, first, last, aSeed|
		path = aPath.asString;
		samples = someSamples;
		newStart = first;
		newEnd = last;
		seed = aSeed.asInteger;
		if(takes.isEmpty) { takes = [path] };
		open.removeAt(id);
		state = \done;
		if(source.isKindOf(Buffer)) {
			Buffer.read(source.server, path, action: { |buffer| this.prGive(buffer) });
		} {
			this.prGive(path);
		};
	}

	prGive { |result|
		action.value(result, this);
		this.class.prSend("taken", id);
	}

	prFail { |code, aMessage|
		id !? { open.removeAt(id) };
		state = \failed;
		message = aMessage;
		if(failed.notNil) { failed.value(code, message, this) } { ("Ditto: " ++ message).warn };
	}
}
