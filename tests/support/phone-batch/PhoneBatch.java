package phone;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Fills many forms in one Java process: a start takes longer than a form. Each line of standard input is a JSON object
 * with the file of a form, its answers or a seed for invented ones, and, optionally, the folder of its media; each line of
 * standard output has what the phone would object to, and the submission.
 */
public final class PhoneBatch {
    public static void main(String[] args) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err);
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = lines.readLine()) != null; ) out.println(Json.write(fill(Json.read(line))));
    }

    private static Map<String, Object> fill(JsonNode order) {
        Map<String, Object> said = new LinkedHashMap<>();
        try {
            Path media = order.has("media") ? Path.of(order.get("media").asText()) : null;
            OpenForm form = OpenForm.load(Path.of(order.get("form").asText()), media, new Settings(Map.of()), null);
            form.begin();
            Walk walk = new Walk(form);
            if (order.has("auto")) {
                Invented invented = new Invented(form, order.get("auto").asLong(), 3);
                walk.through(invented);
                for (int round = 0; round < 3 && invented.repair(walk.violations()); round++) walk.through(invented);
            } else walk.through(new Given(form, order.get("answers")));
            said.put("violations", walk.violations());
            said.put("labels", new Labels(form).shown());
            form.finish(null);
            said.put("submission", new String(form.serialise(), StandardCharsets.UTF_8));
        } catch (Exception fault) {
            said.put("error", String.valueOf(fault.getMessage()));
        }
        return said;
    }
}
