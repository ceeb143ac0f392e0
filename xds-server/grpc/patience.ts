// Answers that can wait while others are still to be sent a change: an acknowledgement that nobody is waiting for is a step of its
// session that keeps the next client from its turn. In: streams that have some. Out: the word that there is time now.

/** A stream with answers that wait. */
export interface Patient {
  takeAnswers(): void;
}

export interface Patience {
  /** Whether an acknowledgement should wait. */
  isAsked(): boolean;
  /** Is told once there is time. */
  wait(patient: Patient): void;
  /** This one is gone. */
  forget(patient: Patient): void;
  /** Tells all who wait, whether there is time or not. */
  end(): void;
}

/** `later` default setImmediate: once what has come in is heard. */
export function createPatience(
  isAsked: () => boolean,
  later: (then: () => void) => void = setImmediate,
): Patience {
  const waiting = new Set<Patient>();
  const end = (): void => {
    for (const patient of waiting) {
      waiting.delete(patient);
      patient.takeAnswers();
    }
  };
  const goOn = (): void => {
    if (waiting.size === 0) return;
    if (isAsked()) later(goOn);
    else end();
  };
  return {
    isAsked,
    wait: (patient) => {
      if (waiting.size === 0) later(goOn);
      waiting.add(patient);
    },
    forget: (patient) => void waiting.delete(patient),
    end,
  };
}
